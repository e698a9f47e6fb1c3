// Package calendar knows which days a meeting clashes with: public holidays of
// Poland, days without lessons, winter breaks by voivodeship, the summer; and
// when the school year and its lessons begin and end. Everything but the winter
// breaks follows from rules of law and is computed for any year; winter breaks
// are announced by the ministry and are data ([Shipped], and what an
// administrator adds, see core/schedule/almanac).
//
// A day is a [time.Time]; functions take any instant and mean its day in
// Warsaw, and return days as midnight UTC, the way core/i18n/show and core/form
// have them.
//
// The package owns no table and does no I/O. All is safe for concurrent use.
package calendar
