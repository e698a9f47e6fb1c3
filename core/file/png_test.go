package file_test

import (
	"encoding/binary"
	"hash/crc32"
)

// fixCRC makes the header chunk of a changed PNG valid again.
func fixCRC(png []byte) {
	binary.BigEndian.PutUint32(png[29:], crc32.ChecksumIEEE(png[12:29]))
}
