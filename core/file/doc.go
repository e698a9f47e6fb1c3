// Package file keeps what people upload: checked by content, counted against a
// quota, downloaded only as an attachment. A file is temporary until a context
// attaches it to an object of its own in the transaction that needs it; what
// nobody attaches while a draft may still name it, and what its object let go
// of, is swept.
//
// It owns the table file and the blob store; only this package writes them. The
// row is written before the bytes and removed after them, so that a crash
// leaves a row without bytes (swept, never handed out), not bytes without a row.
//
// Who may download an attached file is decided by the context that owns the
// object, through the guard that it registers for its kind.
package file
