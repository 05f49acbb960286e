// Package seal signs the audit log. Seal is a pure function of the log's order: it hashes the entries
// that were appended since the last checkpoint into tiles and bundles (C2SP tlog-tiles), puts them
// into an object store, and signs the size and the root of the tree (C2SP tlog-checkpoint). Two
// that run at once, or one that died half-way, write the same bytes under the same names.
//
// Before it signs, Seal checks what it builds on: the stored tiles against the root that was signed
// last, and the entries of the unfinished bundle against their tile. If anything was changed
// meanwhile it signs nothing and returns an *AlteredError.
//
// Full tiles, full bundles and every signed checkpoint are final: the store keeps them unchanged for
// as long as the law wants the documents kept.
package seal
