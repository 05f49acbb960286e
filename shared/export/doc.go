// Package export copies what is known of a buyer of a merchant into files (GDPR, art. 15 and 20).
//
// An export is an item of the keys table, `EXPORTS#<merchant>` / `<id>`, which no backup holds. Its id is
// derived from the merchant, the buyer and the day, so that asking twice gives the same export. The
// item says how far the export is: whose invoices come next, behind which position, and the files.
//
// The request that reads an export does the next part of the work, for some seconds. So there is no
// worker that can die, and none that runs while the caller has lost interest. A part writes a file of
// a new name, and then the item, if that is as it was read. Of two requests that work at the same time,
// one loses its file: it is in no export, and goes with the others when their days are over. A crash
// between the two writes leaves such a file too, and the next request goes on from the item.
//
// A file is gzip-compressed JSON Lines, one line for each invoice. It is a copy: what is erased after it
// was written stays in it. No line that is written more than a minute after an erasure has the contact:
// for so long an instance may remember a key (package privacy).
package export
