// Command kitname is the module kitcentre.kitname: a kind of network in which
// people look for the answer to one question and write down what they try.
package main

import "ore.edu.pl/sieci/plugins/sdk"

func main() { sdk.Serve(Module{}) }
