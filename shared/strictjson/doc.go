// Package strictjson reads request bodies strictly: a duplicate key, an unknown field, a
// wrong type or a malformed value is refused, never repaired. One answer reports every
// fault of the fields by its path, such as `items[3].quantity`. Marshal is its counterpart
// for answers and messages.
package strictjson
