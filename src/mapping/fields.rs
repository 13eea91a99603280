//! The table of every key of the format.
