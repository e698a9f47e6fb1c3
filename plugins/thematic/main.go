// The module ore.thematic: thematic networks of cooperation and self-education
// and the task "peer observation".
package main

import (
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

func main() { sdk.Serve(thematic.Module{}) }
