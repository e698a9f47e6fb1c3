// Package consent is what the people of a network agree to, each for themselves:
// the contract of the network, and photos of them. The two are apart: whoever
// refuses photos takes part like everybody else, and signing the contract says
// nothing about photos (GDPR art. 7).
//
// It owns contract_signature and image_consent; both only grow, so that one can
// show who agreed to which words and when. The words of the contract are a record
// that the network's module keeps (kind [ContractKind]); when they change, the
// members sign anew. The words about photos are in the catalogue, by version
// ([Wording]); a consent can be taken back at any time, also in a network that is
// over and by those who have left it.
package consent
