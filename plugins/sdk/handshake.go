package sdk

import (
	"github.com/hashicorp/go-plugin"
)

// MaxMessage is the ceiling of a message in either direction, in bytes.
const MaxMessage = 4 << 20

// PluginName is the one name under which a process offers its services.
const PluginName = "module"

// Handshake is go-plugin's handshake, protocol 1 for ever. The cookie is no
// secret: it keeps people from starting a module by hand and waiting.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "SIECI_PLUGIN",
	MagicCookieValue: "8f1d5c0e-sieci-plugin-v1",
}
