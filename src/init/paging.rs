//! How a list is paged and searched, told by the names of its parameters and of what stands beside the list.

use serde_json::Value;

use crate::init::api::Listing;
use crate::init::envelope::beside;
use crate::init::words::normal;

/// A query parameter.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: String,
    /// Its schema, or an empty one.
    pub(super) schema: Value,
    /// It must be given.
    pub(super) required: bool,
}

const PAGES: [&str; 6] = ["page", "pagenumber", "pagenum", "pageno", "pageindex", "p"];
const OFFSETS: [&str; 9] =
    ["offset", "start", "skip", "from", "startat", "startindex", "pageoffset", "firstresult", "first"];
const SIZES: [&str; 14] = [
    "perpage",
    "pagesize",
    "size",
    "limit",
    "count",
    "max",
    "maxresults",
    "pagelimit",
    "pagecount",
    "top",
    "take",
    "results",
    "itemsperpage",
    "rows",
];
const CURSORS: [&str; 11] = [
    "cursor",
    "pagecursor",
    "after",
    "pageafter",
    "pagetoken",
    "nexttoken",
    "startingafter",
    "continuation",
    "continuationtoken",
    "nextcursor",
    "marker",
];
const NEXT_CURSORS: [&str; 10] = [
    "nextcursor",
    "nextpagetoken",
    "nexttoken",
    "endcursor",
    "after",
    "aftercursor",
    "continuationtoken",
    "cursor",
    "nextmarker",
    "next",
];
const TOTALS: [&str; 9] = [
    "total",
    "totalcount",
    "totalelements",
    "totalresults",
    "totalitems",
    "totalrecords",
    "recordstotal",
    "totalsize",
    "count",
];
const TOTAL_HEADERS: [&str; 4] = ["xtotalcount", "xtotal", "totalcount", "xtotalresults"];

/// Puts into a listing what the parameters, the answer around the list and its headers tell.
pub(super) fn read(listing: &mut Listing, parameters: &[Parameter], answer: &Value, headers: &[String]) {
    let called = |names: &[&str]| {
        let of_name = |name: &&str| parameters.iter().find(|parameter| normal(&parameter.name) == **name);
        names.iter().find_map(of_name)
    };
    let (page, offset, size) = (called(&PAGES), called(&OFFSETS), called(&SIZES));
    let next_cursor = beside(answer, &NEXT_CURSORS, &["string", "integer"]);
    let cursor = called(&CURSORS).filter(|_| next_cursor.is_some());
    if let (Some(cursor), Some((path, _))) = (cursor, &next_cursor) {
        listing.paging.push((cursor.name.clone(), "{cursor?}".to_owned()));
        listing.next = Some(quoted(path));
    } else if let Some(page) = page {
        listing.paging.push((page.name.clone(), "{page}".to_owned()));
        listing.first = first(&page.schema);
    } else if let Some(offset) = offset {
        listing.paging.push((offset.name.clone(), "{offset}".to_owned()));
    } else if let Some((path, _)) =
        beside(answer, &["next", "nextpage", "nexturl", "nextlink", "odatanextlink"], &["string"])
    {
        listing.next = Some(quoted(&path));
    } else if headers.iter().any(|name| normal(name) == "link") {
        listing.next = Some(quoted("link"));
    }
    if let Some(size) = size {
        listing.paging.push((size.name.clone(), "{count}".to_owned()));
        let number = |keyword: &str| size.schema[keyword].as_u64();
        listing.size = number("maximum").or_else(|| number("default")).or_else(|| number("example"));
    }
    let total = beside(answer, &TOTALS, &["integer", "number"]).map(|(path, _)| quoted(&path));
    let header = headers.iter().find(|name| TOTAL_HEADERS.contains(&normal(name).as_str()));
    listing.total = total.or_else(|| header.map(|name| format!("{{ header = {} }}", quoted(name))));
    for parameter in parameters {
        if listing.paging.iter().any(|(name, _)| *name == parameter.name) {
            continue;
        }
        let value = ["default", "example"].into_iter().find_map(|keyword| scalar(&parameter.schema[keyword]));
        match value.or_else(|| scalar(&parameter.schema["enum"][0])) {
            Some(value) if parameter.required => listing.fixed.push((parameter.name.clone(), value)),
            Some(_) | None => listing.searches.push(parameter.name.clone()),
        }
    }
}

/// The number of the first page, where a default or a least value tells it.
fn first(schema: &Value) -> Option<u64> {
    let numbers = [&schema["default"], &schema["minimum"], &schema["example"]];
    numbers.into_iter().find_map(Value::as_u64).filter(|number| *number <= 1)
}

/// A value as it stands in a query.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A string as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::init::shape::schema_of;

    /// Parameters, an answer, its headers; the holes, `next` and `total` that they tell.
    type Case = (
        &'static [&'static str],
        Value,
        &'static [&'static str],
        &'static str,
        Option<&'static str>,
        Option<&'static str>,
    );

    fn cases() -> [Case; 7] {
        [
            (
                &["page", "size"],
                json!({ "totalElements": 3, "content": [] }),
                &[],
                "{page} {count}",
                None,
                Some("\"$.totalElements\""),
            ),
            (
                &["offset", "limit"],
                json!({ "total_count": 3 }),
                &[],
                "{offset} {count}",
                None,
                Some("\"$.total_count\""),
            ),
            (
                &["page[after]", "page[size]"],
                json!({ "meta": { "next_cursor": "x" } }),
                &[],
                "{cursor?} {count}",
                Some("\"$.meta.next_cursor\""),
                None,
            ),
            // A cursor that no answer gives is none.
            (&["cursor", "page"], json!({}), &[], "{page}", None, None),
            (&["limit"], json!({ "links": { "next": "http://x" } }), &[], "{count}", Some("\"$.links.next\""), None),
            (
                &["per_page"],
                json!([]),
                &["Link", "X-Total-Count"],
                "{count}",
                Some("\"link\""),
                Some("{ header = \"X-Total-Count\" }"),
            ),
            (&[], json!([]), &[], "", None, None),
        ]
    }

    #[test]
    fn the_names_of_parameters_and_of_what_is_beside_the_list_tell_the_paging() {
        for (parameters, answer, headers, holes, next, total) in cases() {
            let named = |name: &&str| Parameter { name: (*name).to_owned(), schema: json!({}), required: false };
            let known: Vec<Parameter> = parameters.iter().map(named).collect();
            let headers: Vec<String> = headers.iter().map(|name| (*name).to_owned()).collect();
            let mut listing = Listing::default();
            read(&mut listing, &known, &schema_of(&answer), &headers);
            let found: Vec<&str> = listing.paging.iter().map(|(_, hole)| hole.as_str()).collect();
            let told = (found.join(" "), listing.next, listing.total);
            assert_eq!(told, (holes.to_owned(), next.map(str::to_owned), total.map(str::to_owned)), "{parameters:?}");
        }
    }

    #[test]
    fn what_must_be_given_has_its_value_and_the_rest_may_search() {
        let parameter = |name: &str, schema: Value, required| Parameter { name: name.to_owned(), schema, required };
        let parameters = [
            parameter("status", json!({ "enum": ["all", "active"] }), true),
            parameter("login", json!({}), false),
            parameter("page", json!({ "default": 0 }), false),
            parameter("size", json!({ "maximum": 250, "default": 20 }), false),
        ];
        let mut listing = Listing::default();
        read(&mut listing, &parameters, &Value::Null, &[]);
        assert_eq!(listing.fixed, [("status".to_owned(), "all".to_owned())]);
        assert_eq!((listing.searches, listing.first, listing.size), (vec!["login".to_owned()], Some(0), Some(250)));
    }
}
