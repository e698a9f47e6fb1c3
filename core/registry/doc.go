// Package registry knows the places of the platform: territorial units (TERYT),
// schools and other institutions (RSPO and those added by hand) and the centres
// with their territory. It reads the official files and nobody else writes what
// they say.
//
// It owns teryt_unit, institution, centre_territory and registry_import; only
// this package writes them. Nothing here is personal data: of the register's columns, a
// head's name and telephone numbers are never read.
//
// An import is one transaction: the file is read and checked row by row,
// staged by COPY and merged set by set; the same file a second time changes
// nothing. A rejected row refuses the file, unless the admin asks for the rest
// ([SkipRejected]).
package registry
