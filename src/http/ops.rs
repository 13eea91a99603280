//! What is pending of each tenant, for the admin listener.

use http::StatusCode;
use serde_json::{Value, json};

use crate::http::engine::Engine;
use crate::http::tenant::Tenants;

/// All that is pending, tenant by tenant.
pub(super) fn pending<E: Engine>(tenants: &Tenants<E>) -> Value {
    let tenants = tenants.sorted().into_iter().filter_map(|tenant| {
        let pending = tenant.engine.bridge()?.pending();
        Some(json!({ "name": tenant.name.as_str(), "pending": pending }))
    });
    json!({ "tenants": tenants.collect::<Vec<_>>() })
}

/// `acme/release` or `acme/forget/OP`: what is done, and said of it.
pub(super) fn act<E: Engine>(tenants: &Tenants<E>, path: &str) -> (StatusCode, Value) {
    let missing = |what: &str| (StatusCode::NOT_FOUND, json!({ "detail": what }));
    let (name, act) = path.split_once('/').unwrap_or((path, ""));
    let tenant = tenants.sorted().into_iter().find(|tenant| tenant.name.as_str() == name);
    let Some(bridge) = tenant.and_then(|tenant| tenant.engine.bridge()) else {
        return missing("there is no such tenant");
    };
    match act.split_once('/') {
        None if act == "release" => (StatusCode::OK, json!({ "released": bridge.release() })),
        Some(("forget", op)) => {
            let op = percent_encoding::percent_decode_str(op).decode_utf8_lossy();
            if bridge.forget(&op) {
                (StatusCode::OK, json!({ "forgotten": op }))
            } else {
                missing("nothing is pending under this id")
            }
        }
        None | Some(_) => missing("there is no such path"),
    }
}
