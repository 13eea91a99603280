//! Cases that cause no SCIM request: a person does them in Okta, and looks.

use super::PLAN;
use crate::verify::check::Check;

pub(super) const CASES: &[Check] = &[
    Check::person("C9296", "People can be added to Okta", PLAN, "Add a person in Okta under Directory, People"),
    Check::person("C9297", "Groups can be added to Okta", PLAN, "Add a group in Okta under Directory, Groups"),
    Check::person("C9298", "The app is in Okta", PLAN, "Add the app in Okta as your configuration guide says"),
    Check::person("C9308", "People are in the group", PLAN, "Assign people to the group of C9297"),
    Check::person(
        "C9313",
        "App groups take the names of Okta's groups",
        PLAN,
        "Switch on in Push Groups, settings, that app groups are renamed; then see C9315",
    ),
    Check::person(
        "C9314",
        "App groups keep their names",
        PLAN,
        "Switch off in Push Groups, settings, that app groups are renamed; then see C9330",
    ),
    Check::person(
        "C21902",
        "A redirect to an address that is not allowed ends the OAuth sign-in",
        PLAN,
        "Only for apps that connect by OAuth 2: change the redirect address of the sign-in, and see it refused",
    ),
    Check::person(
        "C9339",
        "Nothing is pushed while provisioning is switched off",
        PLAN,
        "Switch off API integration, change an assigned person, and see that the app's log shows no request",
    ),
    Check::person(
        "C9342",
        "People sign in by Secure Web Authentication",
        PLAN,
        "Only for apps with SWA: sign in by the tile",
    ),
    Check::person("C9343", "People sign in by SAML", PLAN, "Only for apps with SAML: sign in by the tile"),
    Check::person(
        "C9289",
        "Every attribute of the profile has the right attribute type",
        PLAN,
        "Look in the Profile Editor: personal for names and addresses, group where a group sets it",
    ),
    Check::person(
        "C9344",
        "The basic attributes are in the profile",
        PLAN,
        "Look in the Profile Editor for the user name and both names",
    ),
    Check::person(
        "C9345",
        "Attributes are mapped as the configuration guide says",
        PLAN,
        "Compare the mappings in Okta with your guide, attribute by attribute",
    ),
    Check::person(
        "C9299",
        "The configuration guide is complete and up to date",
        PLAN,
        "See that it has features, requirements, steps, attributes and known issues, with today's screenshots",
    ),
    Check::person(
        "C9319",
        "A paused group push keeps the group in the app as it is",
        PLAN,
        "Deactivate the push of a group, change its members in Okta, and see no change in the app; then see C9320",
    ),
    Check::person(
        "C9321",
        "A group that is unlinked and left stays in the app with its members",
        PLAN,
        "Unlink a pushed group and leave it in the app; see that group and users are still there",
    ),
    Check::person(
        "C9324",
        "A rule that is deactivated pushes no further groups",
        PLAN,
        "Deactivate the rule, make a group that it would match, and see that it is not pushed",
    ),
    Check::person(
        "C9326",
        "A rule that is deleted can leave its groups in the app",
        PLAN,
        "Delete the rule and leave its groups; see that they are still in the app",
    ),
    Check::person(
        "C9328",
        "The push of several groups is paused at once",
        PLAN,
        "Deactivate several groups by Bulk Edit, change their members, and see no change in the app; then see C9329",
    ),
    Check::person(
        "C9331",
        "Several groups are unlinked at once and left in the app",
        PLAN,
        "Unlink several groups by Bulk Edit and leave them; see that they are still in the app",
    ),
    Check::person(
        "C9359",
        "The app can be the source of profiles",
        PLAN,
        "Switch on profile sourcing under To Okta, and choose what a deactivation in the app does; then see C9361",
    ),
];
