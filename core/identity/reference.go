package identity

// Rule is what becomes of rows that name an account when it is merged into
// another.
type Rule string

// The rules.
const (
	// Move: the row names the surviving account.
	Move Rule = "move"
	// Once is Move where a person stands once: of two rows with the same
	// [Reference.Key] the survivor's stays and the other is deleted, unless
	// [Reference.Settled] says that it is history and stays with the closed account.
	Once Rule = "once"
	// Stay: the row goes on naming the closed account.
	Stay Rule = "stay"
	// Shed: the row is deleted.
	Shed Rule = "shed"
	// Own: the owning room moves it ([Reference.Mover]).
	Own Rule = "own"
)

// Thing groups references for people ("identity.thing.<name>" in the texts);
// "" is not told.
type Thing string

// Reference is a column of any room that names a person. All of them are listed
// in one place (core/app), which a test compares with the schema: a new column
// that nobody decided about fails it.
type Reference struct {
	Table, Column string
	Rule          Rule
	// Key are the other columns of the uniqueness of [Once].
	Key []string
	// Where narrows the rows that are meant; "" for all. The row is x.
	Where string
	// Settled tells, of a row x of [Once] that cannot move, that it is history.
	Settled string
	// Keep are columns of which the survivor's row of [Once] takes the earlier value.
	Keep []string
	// Loose: the database itself deletes or empties the row with the account.
	Loose bool
	Thing Thing
}
