package plugin

import (
	"time"

	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// Causes of failures beside those of the supervisor; each has a sentence
// "modules.cause.<cause>" in the catalogue.
const (
	causeMissing     supervisor.Cause = "missing"     // no bundle of the version on this node
	causeOther       supervisor.Cause = "other"       // the bundle is not the one that was enabled
	causeBinary      supervisor.Cause = "binary"      // the binary is not the one that the manifest names
	causePlatform    supervisor.Cause = "platform"    // no binary for this system
	causeDescription supervisor.Cause = "description" // it does not describe itself as it should
	causeManifest    supervisor.Cause = "manifest"    // manifest and description contradict each other
	causeTaken       supervisor.Cause = "taken"       // another module has a type of the same title
	causeSandbox     supervisor.Cause = "sandbox"     // this machine cannot hold it in as far as required
	causeRuntime     supervisor.Cause = "runtime"     // its interpreter is not permitted, or not there
	causeStored      supervisor.Cause = "stored"      // answers that are stored would be lost
	causeHost        supervisor.Cause = "host"        // the machine or the database failed before it was begun

	causeCode   supervisor.Cause = "code"   // a call ended in an error or a panic of the module's code
	causeAnswer supervisor.Cause = "answer" // an answer broke the contract
	causeLate   supervisor.Cause = "late"   // no answer in time
	causeDied   supervisor.Cause = "died"   // the process died under the call, and the next one too
)

// notItsOwn are causes for which the node answers: such a failure says nothing of
// the module and does not count against it.
var notItsOwn = []supervisor.Cause{causeMissing, causeOther, causeBinary, causePlatform, causeSandbox, causeRuntime, causeHost, supervisor.CauseDegraded}

// Failure is a call that failed by the module's own fault.
type Failure struct {
	// Cause is the kind of the failure.
	Cause supervisor.Cause
	// Call is which it was: "Render home".
	Call string
	// Text is the technical text, in English.
	Text string
	// At is real time.
	At time.Time
}
