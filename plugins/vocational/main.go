// The module ore.vocational: the nationwide network of teachers of unique
// vocations, and the register of experts.
package main

import (
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/vocational/vocational"
)

func main() { sdk.Serve(vocational.Module{}) }
