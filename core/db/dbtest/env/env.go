// Package env names the variable by which a test run hands its database server
// to the tests of all packages. It imports nothing, so that the program can
// name it without containing the test harness.
package env

// Name of the variable; its value is a lib/pq connection string of a database
// on a server where tests may create databases.
const Name = "SIECI_TEST_DATABASE_URL"
