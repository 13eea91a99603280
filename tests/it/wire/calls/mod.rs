//! What calls can say: runs over elements and fields, look-ups before them, batches, added fields, captures, compensations,
//! changes without reading first.

mod answers;
mod blind;
mod delta;
mod each;
mod fields;
mod formats;
