// Package render makes accessible HTML from resolved views; charts are SVG with
// a title and a description, and always the same data as a table. Nothing is
// inline: SVG uses presentation attributes, everything else classes.
//
// Class names, for the style sheet (besides those of core/form/render):
//
//	view, view-section
//	summary-list, summary-row      facts
//	stat, stat-value, stat-note
//	table-scroll, end              scroll region of a table; cells of numbers
//	pagination, table-note
//	chart, series-1 … series-12    figure; fill and stroke of a series
//	chart-text, chart-axis         text and axes in SVG (follow the page's colours)
//	progress
//	steps, step, step-state, step-todo, step-now, step-done, step-blocked, step-returned
//	timeline, things
//	notice, notice-info, notice-ok, notice-warn, notice-error
//	tabs
//	actions, action, confirm, button, button-secondary, button-warning
//	ext, ext-host                  a link out of the platform
package render
