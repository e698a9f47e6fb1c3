// Package vocational decides for two types of network of ORE's department of
// vocational education.
//
// The network of unique vocations is one for the whole country, however few
// teach a vocation: members say what they teach and are grouped by it, a radar
// tells from the register of schools how many schools teach each vocation and
// what changed since the register did, an alert goes to who leads the network
// when one becomes rarer, and the few other schools in the country are invited
// at once. Its records:
//
//	charter   what the network is for, and from how few schools a vocation is rare
//	vocation  a code of the classification with its name, from a day on
//	flag      a vocation is unique from a day on, with the basis, and to a day
//	teaching  what a member teaches; one record a person
//	need      what vocational education needs, by branch and voivodeship
//	watch     the day of the register that was looked at last
//	alert     a vocation whose number of schools fell, and when
//
// No public list of unique vocations exists: that one is unique is what an
// administrator of ORE sets, with a basis; that it is rare is counted.
//
// The register of experts keeps candidates and experts of commissions:
//
//	register   what the register is about and its legal basis
//	condition  a condition of admission, in force between two days
//	candidate  a person with qualifications, ties and what they have proved
//	decision   an admission or removal with its number, legal basis and day
//
// Whether somebody is on the register on a day follows from the decisions up to
// that day, so every earlier state can be read. Nothing but decisions changes it.
package vocational
