use super::*;

fn kind(endpoint: &str) -> Option<usize> {
    ["/Users", "/Groups"].iter().position(|known| *known == endpoint)
}

fn resource(kind: usize, id: &str) -> Place<'_> {
    Place::Resource(kind, id.into())
}

#[test]
fn a_path_names_a_place() {
    let cases = [
        // (name, path, place)
        ("the users", "/Users", Some(Place::Collection(0))),
        ("the groups", "/Groups", Some(Place::Collection(1))),
        ("a slash at the end", "/Users/", Some(Place::Collection(0))),
        ("a user", "/Users/42", Some(resource(0, "42"))),
        ("a user with a slash at the end", "/Users/42/", Some(resource(0, "42"))),
        ("an encoded slash stays in the id", "/Users/a%2Fb", Some(resource(0, "a/b"))),
        ("an encoded id", "/Users/ada%40acme.example%20%C3%A9", Some(resource(0, "ada@acme.example é"))),
        ("an encoded dot-dot is an id", "/Users/%2e%2e", Some(resource(0, ".."))),
        ("a plus is a plus", "/Users/a+b", Some(resource(0, "a+b"))),
        ("an id that is not UTF-8", "/Users/%ff", None),
        ("something below a user", "/Users/42/emails", None),
        ("an empty segment", "/Users//42", None),
        ("another spelling", "/users", None),
        ("an unknown endpoint", "/Devices", None),
        ("an unknown endpoint with an id", "/Devices/1", None),
        ("the tenant's path alone", "", None),
        ("a slash alone", "/", None),
        ("no slash", "Users", None),
        (
            "the provider's configuration",
            "/ServiceProviderConfig",
            Some(Place::Discovery(Discovery::ServiceProviderConfig)),
        ),
        ("something below it", "/ServiceProviderConfig/x", None),
        ("the resource types", "/ResourceTypes", Some(Place::Discovery(Discovery::ResourceTypes))),
        ("a resource type", "/ResourceTypes/User", Some(Place::Discovery(Discovery::ResourceType("User".to_owned())))),
        ("the schemas", "/Schemas", Some(Place::Discovery(Discovery::Schemas))),
        (
            "a schema",
            "/Schemas/urn%3Aietf:params:scim:schemas:core:2.0:User",
            Some(Place::Discovery(Discovery::Schema("urn:ietf:params:scim:schemas:core:2.0:User".to_owned()))),
        ),
        ("bulk", "/Bulk", Some(Place::Bulk)),
        ("me", "/Me", Some(Place::Unsupported("/Me"))),
        ("something below me", "/Me/x", None),
        ("search over everything", "/.search", Some(Place::Search(None))),
        ("search over the users", "/Users/.search", Some(Place::Search(Some(0)))),
        ("search over the groups", "/Groups/.search/", Some(Place::Search(Some(1)))),
        ("search over nothing", "/Devices/.search", None),
    ];
    for (name, path, want) in cases {
        assert_eq!(place(path, kind), want, "{name}");
    }
}

const VERBS: [Verb; 8] =
    [Verb::Get, Verb::Head, Verb::Post, Verb::Put, Verb::Patch, Verb::Delete, Verb::Options, Verb::Other];

#[test]
fn a_search_is_posted_and_what_is_not_served_takes_no_method() {
    let not = |allow| Err(NoOperation::Method(allow));
    let cases = [
        (
            "a search over the groups",
            Place::Search(Some(1)),
            [
                not(SEARCH),
                not(SEARCH),
                Ok(Route::Search(Some(1))),
                not(SEARCH),
                not(SEARCH),
                not(SEARCH),
                Err(NoOperation::Options(SEARCH)),
                not(SEARCH),
            ],
        ),
        (
            "bulk",
            Place::Bulk,
            [
                not(BULK),
                not(BULK),
                Ok(Route::Bulk),
                not(BULK),
                not(BULK),
                not(BULK),
                Err(NoOperation::Options(BULK)),
                not(BULK),
            ],
        ),
        ("me", Place::Unsupported("/Me"), [const { Err(NoOperation::Unsupported("/Me")) }; 8]),
    ];
    for (name, place, wants) in cases {
        for (verb, want) in VERBS.into_iter().zip(wants) {
            assert_eq!(route(verb, place.clone()), want, "{} {name}", verb.as_str());
        }
    }
}

#[test]
fn a_method_at_a_place_is_a_route() {
    let id = || Cow::Borrowed("42");
    let not = |allow| Err(NoOperation::Method(allow));
    let cases = [
        (
            "the users",
            Place::Collection(0),
            [
                Ok(Route::List(0)),
                Ok(Route::List(0)),
                Ok(Route::Create(0)),
                not(COLLECTION),
                not(COLLECTION),
                not(COLLECTION),
                Err(NoOperation::Options(COLLECTION)),
                not(COLLECTION),
            ],
        ),
        (
            "a group",
            resource(1, "42"),
            [
                Ok(Route::Get(1, id())),
                Ok(Route::Get(1, id())),
                not(RESOURCE),
                Ok(Route::Replace(1, id())),
                Ok(Route::Patch(1, id())),
                Ok(Route::Delete(1, id())),
                Err(NoOperation::Options(RESOURCE)),
                not(RESOURCE),
            ],
        ),
        (
            "the schemas",
            Place::Discovery(Discovery::Schemas),
            [
                Ok(Route::Discover(Discovery::Schemas)),
                Ok(Route::Discover(Discovery::Schemas)),
                not(DISCOVERY),
                not(DISCOVERY),
                not(DISCOVERY),
                not(DISCOVERY),
                Err(NoOperation::Options(DISCOVERY)),
                not(DISCOVERY),
            ],
        ),
    ];
    for (name, place, wants) in cases {
        for (verb, want) in VERBS.into_iter().zip(wants) {
            assert_eq!(route(verb, place.clone()), want, "{} {name}", verb.as_str());
        }
    }
}

#[test]
fn only_writes_are_mutating_and_only_three_of_them_and_searches_take_a_body() {
    let id = || Cow::Borrowed("42");
    let cases = [
        (Route::List(1), false, Body::Ignored),
        (Route::Get(1, id()), false, Body::Ignored),
        (Route::Create(1), true, Body::Resource(1)),
        (Route::Replace(1, id()), true, Body::Resource(1)),
        (Route::Patch(1, id()), true, Body::Resource(1)),
        (Route::Delete(1, id()), true, Body::Ignored),
        (Route::Search(None), false, Body::Search),
        (Route::Discover(Discovery::Schemas), false, Body::Ignored),
    ];
    for (route, mutating, body) in cases {
        assert_eq!((route.is_mutating(), route.body()), (mutating, body), "{route:?}");
    }
}
