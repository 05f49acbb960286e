// Package listing pages through an index that projects keys only. The order of a list comes
// from the index, which may lag behind its table by moments; the items come from the table.
// A cursor belongs to one list and to one query.
package listing
