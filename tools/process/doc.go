// Package process runs programs in the background and reads what Linux reports about
// processes in /proc. A Folder keeps the log, the process id and the port of each program,
// so that a later run of a command finds and stops what an earlier run started.
package process
