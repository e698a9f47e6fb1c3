// Package registry knows the places of the platform: territorial units (TERYT),
// schools and other institutions (RSPO and those added by hand) and the centres
// with their territory, today and on every earlier day (asof.go tells how other
// rooms ask). It reads the official files and nobody else writes what they say.
//
// It owns teryt_unit and institution with their histories teryt_unit_version
// and institution_version, centre_territory, and of imports registry_import,
// registry_file, registry_note, registry_stage_unit and
// registry_stage_institution; only this package writes them. The histories are
// kept by triggers, so that no writer can forget them.
//
// Nothing here is personal data: of the register's columns, a head's name is
// never read, nor the name of a natural person who runs a school.
//
// An import is read and compared in the background, shown, confirmed, and
// written in one transaction (flow.go); the same file a second time changes
// nothing, and for a day an import can be taken back.
package registry
