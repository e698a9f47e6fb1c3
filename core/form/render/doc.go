// Package render makes accessible HTML from forms and answers: labels and
// legends for everything, hints and errors tied to their fields, radios up to
// seven options and a list above, one fieldset per row of a matrix, named
// submit buttons for rows of repeats. Nothing needs a script; nothing is
// inline. Every text of a form is data: it is escaped, never markup.
//
// Class names, for the style sheet:
//
//	form, form-part             the form; "Część 2 z 4"
//	field, field-error          one question; one with an error
//	group, repeat, matrix, scale   besides field, on fieldsets of these types
//	repeat-row, matrix-row      one row
//	hint, error-text, warning-text, optional, unit, note, chosen
//	choices, choice             a list of radios or checkboxes; one of them
//	input-short                 an input for a number, date or time
//	input-row                   inputs side by side (date and time)
//	file-list                   files already sent
//	error-summary               on top of every page with errors
//	notice                      a message that is no error
//	actions                     the row of buttons
//	button, button-secondary, button-warning
//	visually-hidden             for screen readers only
//	summary-list, summary-row, summary-action, summary-group, text-lines   answers read-only
package render
