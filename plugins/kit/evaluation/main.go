// Command kitname is the module kitcentre.kitname: an evaluation tool with one
// set of questions and a table of what was answered.
package main

import "ore.edu.pl/sieci/plugins/sdk"

func main() { sdk.Serve(Module{}) }
