//! Small helpers on `serde_json::Value`; nothing of SCIM or of mappings.
