// The module ore.survey: questionnaires that evaluate a network.
package main

import (
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/survey/survey"
)

func main() { sdk.Serve(survey.Module{}) }
