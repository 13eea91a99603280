//! Filters (RFC 7644 §3.4.2.2). A server may decline what it does not know; what it answers must be right.

use crate::scim::schema::USER;
use crate::verify::check::Check;
use crate::verify::play::{Made, Play};
use crate::verify::verdict::{Stop, Verdict, skipped};

const SOURCE: &str = "RFC 7644 §3.4.2.2";
const CURE: &str =
    "Evaluate the whole filter, or decline it with 400 and `invalidFilter`; never answer as if it were not there";

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-filter-eq",
        "`userName eq` finds exactly the one user",
        SOURCE,
        "Honour `filter`: return the users that match, and no others",
        |play| Box::pin(eq(play)),
    ),
    Check::reads(
        "rfc-filter-none",
        "A filter that matches nobody is answered with an empty list",
        "RFC 7644 §3.4.2",
        "Answer 200 with `totalResults` 0, not 404",
        |play| Box::pin(none(play)),
    ),
    Check::writes(
        "rfc-filter-any-case",
        "Names of attributes and operators are understood in any case",
        SOURCE,
        "Compare names of attributes and operators of a filter without regard to case",
        |play| Box::pin(any_case(play)),
    ),
    Check::writes(
        "rfc-filter-value-case",
        "A `userName` is found in any case, where it does not heed case",
        "RFC 7643 §2.2, RFC 7644 §3.4.2.2",
        "Compare values without regard to case, or announce `caseExact: true`",
        |play| Box::pin(value_case(play)),
    ),
    Check::reads(
        "rfc-filter-invalid",
        "A filter that cannot be read is refused with 400 and `invalidFilter`",
        "RFC 7644 §3.4.2.2, §3.12",
        "Answer 400 with `\"scimType\": \"invalidFilter\"` when a filter cannot be read",
        |play| Box::pin(invalid(play)),
    ),
    Check::reads(
        "rfc-filter-escapes",
        "A quote and a backslash within the value of a filter are part of the value",
        "RFC 7644 §3.4.2.2, RFC 8259 §7",
        "Read the values of filters as JSON strings",
        |play| Box::pin(escapes(play)),
    ),
    Check::writes("rfc-filter-ne", "`ne` finds the others", SOURCE, CURE, |play| {
        Box::pin(right(play, |one, other| format!("userName ne \"{other}\" and userName eq \"{one}\"")))
    }),
    Check::writes("rfc-filter-co", "`co` finds parts of a value", SOURCE, CURE, |play| {
        Box::pin(right(play, |one, _| format!("userName co \"{}@\"", one.split('@').next().unwrap_or_default())))
    }),
    Check::writes("rfc-filter-sw", "`sw` finds the beginning of a value", SOURCE, CURE, |play| {
        Box::pin(right(play, |one, _| format!("userName sw \"{}@\"", one.split('@').next().unwrap_or_default())))
    }),
    Check::writes("rfc-filter-pr", "`pr` finds the attributes that have a value", SOURCE, CURE, |play| {
        Box::pin(right(play, |one, _| format!("userName pr and userName eq \"{one}\"")))
    }),
    Check::writes("rfc-filter-and", "`and` needs both sides", SOURCE, CURE, |play| {
        Box::pin(wrong(play, |one, other| format!("userName eq \"{one}\" and userName eq \"{other}\"")))
    }),
    Check::writes("rfc-filter-or", "`or` needs one side", SOURCE, CURE, |play| {
        Box::pin(right(play, |one, _| format!("userName eq \"nobody-{one}\" or userName eq \"{one}\"")))
    }),
    Check::writes("rfc-filter-not", "`not` turns a filter round", SOURCE, CURE, |play| {
        Box::pin(wrong(play, |one, _| format!("userName eq \"{one}\" and not (userName eq \"{one}\")")))
    }),
    Check::writes(
        "rfc-filter-value-path",
        "A filter in brackets is over one and the same element",
        SOURCE,
        CURE,
        |play| Box::pin(value_path(play)),
    ),
];

async fn eq(play: &mut Play) -> Verdict {
    let (user, _) = two(play).await?;
    let answer = play.filter("/Users", &format!("userName eq \"{}\"", user.user_name())).await?;
    let page = answer.page()?;
    if page.ids() != [user.id.as_str()] {
        return Err(
            answer.fault(format!("the one user with the id {}", user.id), format!("{} users", page.resources.len()))
        );
    }
    answer.is("/totalResults", &1.into())?;
    Ok(())
}

async fn none(play: &mut Play) -> Verdict {
    let name = play.user_name();
    let answer = play.filter("/Users", &format!("userName eq \"{name}\"")).await?;
    answer.status(&[200])?.is("/totalResults", &0.into())?;
    match answer.page()?.resources.len() {
        0 => Ok(()),
        other => Err(answer.fault("no resources", format!("{other} resources"))),
    }
}

async fn any_case(play: &mut Play) -> Verdict {
    let user = play.user().await?;
    let answer = play.filter("/Users", &format!("USERNAME Eq \"{}\"", user.user_name())).await?;
    match answer.page()?.ids().as_slice() {
        [only] if *only == user.id => Ok(()),
        found => Err(answer.fault("the one user", format!("{} users", found.len()))),
    }
}

async fn value_case(play: &mut Play) -> Verdict {
    if play.announced.is_case_exact(USER, "userName") {
        return Err(skipped("the server announces that `userName` heeds case"));
    }
    let user = play.user().await?;
    let answer = play.filter("/Users", &format!("userName eq \"{}\"", user.user_name().to_uppercase())).await?;
    match answer.page()?.ids().as_slice() {
        [only] if *only == user.id => Ok(()),
        found => {
            Err(answer.fault("the one user, whose name is the same in lower case", format!("{} users", found.len())))
        }
    }
}

async fn invalid(play: &mut Play) -> Verdict {
    let answer = play.filter("/Users", "userName eq").await?;
    answer.error(400)?.is("/scimType", &"invalidFilter".into())?;
    Ok(())
}

async fn escapes(play: &mut Play) -> Verdict {
    let name = play.name();
    let answer =
        play.filter("/Users", &format!(r#"userName eq "{name}\" or userName pr or userName eq \"\\""#)).await?;
    match answer.page()?.resources.len() {
        0 => Ok(()),
        other => Err(answer.fault("no resources: the quotes are part of the name", format!("{other} resources"))),
    }
}

/// Asks by a filter on two users; what comes must be the first one and not the second.
async fn right(play: &mut Play, filter: fn(&str, &str) -> String) -> Verdict {
    let (one, other) = two(play).await?;
    let answer = play.filter("/Users", &filter(one.user_name(), other.user_name())).await?;
    declined(answer.status)?;
    let page = answer.page()?;
    if !page.ids().contains(&one.id.as_str()) {
        return Err(answer.fault(format!("the user with the id {}", one.id), "it is not there"));
    }
    if page.ids().contains(&other.id.as_str()) {
        return Err(answer.fault(format!("not the user with the id {}", other.id), "it is there"));
    }
    Ok(())
}

/// Asks by a filter that is true of nobody.
async fn wrong(play: &mut Play, filter: fn(&str, &str) -> String) -> Verdict {
    let (one, other) = two(play).await?;
    let answer = play.filter("/Users", &filter(one.user_name(), other.user_name())).await?;
    declined(answer.status)?;
    match answer.page()?.resources.len() {
        0 => Ok(()),
        found => Err(answer.fault("no resources", format!("{found} resources"))),
    }
}

async fn value_path(play: &mut Play) -> Verdict {
    play.needs_attribute("emails.type")?;
    let (one, other) = two(play).await?;
    let filter = format!("emails[type eq \"work\" and value eq \"{}\"]", one.user_name());
    let answer = play.filter("/Users", &filter).await?;
    declined(answer.status)?;
    let page = answer.page()?;
    if !page.ids().contains(&one.id.as_str()) {
        return Err(answer.fault(format!("the user with the id {}", one.id), "it is not there"));
    }
    if page.ids().contains(&other.id.as_str()) {
        return Err(answer.fault(format!("not the user with the id {}", other.id), "it is there"));
    }
    Ok(())
}

/// Two users.
async fn two(play: &mut Play) -> Result<(Made, Made), Stop> {
    let one = play.user().await?;
    Ok((one, play.user().await?))
}

/// Ends a check when the server says that it does not know such a filter.
fn declined(status: u16) -> Verdict {
    match status {
        400 | 403 | 501 => Err(skipped(format!("the server declines this filter with {status}, as it may"))),
        _ => Ok(()),
    }
}
