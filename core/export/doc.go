// Package export makes copies of a whole network to take away: its data as
// JSON with the files, and a site of plain pages that opens from a USB stick
// without a server, a script or the internet. It owns network_export; what is
// in a copy comes from the [Source] of each room, with the permissions of the
// person who asked.
//
// A copy is made by a job, part by part. Each finished part is kept, so that a
// run that ends (a restart, the time limit) goes on with the next part; the
// last step joins the parts into one ZIP. People see the progress, may cancel,
// and download for [KeepDays] days.
//
// Personal data: copies name people as the pages of the network do (name,
// school, role). E-mail addresses, answers to evaluations and votes of people
// are never in a copy; attendance of people is in the data only, for those who
// keep the register.
package export
