// Command kitname is the module kitcentre.kitname: networks whose members each
// teach a lesson that others may see, and hand in what they learnt from it.
package main

import "ore.edu.pl/sieci/plugins/sdk"

func main() { sdk.Serve(Module{}) }
