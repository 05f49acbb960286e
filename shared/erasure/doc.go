// Package erasure erases the contact data of buyers, and holds it where a merchant must keep it.
//
// Each buyer has a key (package privacy), and erasing is to destroy it, or to let it end later where the
// law wants that (package retention). The items of a merchant in the keys table:
//
//   - `ERASURES#<merchant>` / `<id>`: an erasure, as it was answered. Its id is derived from the
//     merchant, the buyer and the law, so that asking twice gives the same answer.
//   - `HOLDS#<merchant>` / `HOLD#<id>`: a hold on one buyer or on all.
//   - `HOLDS#<merchant>` / `PENDING#<erasure id>`: an erasure that is due later, which a hold postpones.
//   - `PENDING` / `<time>#<erasure id>`: its place in the list of all that are due later, `HELD#` for the
//     time if a hold without an end postpones it. Both are written in one transaction.
//   - `HOLDS#<merchant>` / `GUARD`: a version that grows with each hold that is put or lifted.
//
// A hold and an erasure are decided by one write. The erasure reads the version, then the holds, and
// ends keys in a transaction that requires the version which it read. So either it lands before the
// hold's transaction, which raises the version, or it is refused and sees the hold. A hold is
// acknowledged once the erasures that were due later are postponed too.
//
// From its time on an erasure is effective for all readers, and no hold can take it back. Finish, which
// runs every hour, destroys its keys.
package erasure
