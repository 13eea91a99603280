//! Several operations in one request, where a server announces that it takes them.

use serde_json::{Value, json};

use crate::scim::patch::PATCH_SCHEMA;
use crate::verify::answer::Answer;
use crate::verify::check::Check;
use crate::verify::client::escape;
use crate::verify::play::Play;
use crate::verify::verdict::{Stop, Verdict, skipped};

pub(super) const CHECKS: &[Check] = &[
    Check::writes(
        "rfc-bulk",
        "Where bulk is announced, its operations are carried out and answered one by one",
        "RFC 7644 §3.7",
        "Answer `POST /Bulk` with the status and the location of each operation; or announce `bulk.supported: false`",
        |play| Box::pin(carried_out(play)),
    ),
    Check::writes(
        "rfc-bulk-reference",
        "Where bulk is announced, `bulkId:` stands for what an earlier operation has created",
        "RFC 7644 §3.7.2",
        "Put the id of the created resource wherever `bulkId:` and its `bulkId` stand, in values and in paths",
        |play| Box::pin(reference(play)),
    ),
    Check::writes(
        "rfc-bulk-failure",
        "Where bulk is announced, an operation that fails is answered with its error, and the next one is carried out",
        "RFC 7644 §3.7.3",
        "Answer 200 over all, and each failure with its `status` and an error as `response`",
        |play| Box::pin(failure(play)),
    ),
    Check::writes(
        "rfc-bulk-fail-on-errors",
        "Where bulk is announced, nothing is done after `failOnErrors` failures",
        "RFC 7644 §3.7",
        "Stop after as many failures as `failOnErrors` says",
        |play| Box::pin(fail_on_errors(play)),
    ),
    Check::writes(
        "rfc-bulk-limit",
        "Where bulk is announced, more operations than `maxOperations` are refused with 413",
        "RFC 7644 §3.7.4",
        "Answer 413 to more operations than `bulk.maxOperations`, and carry none of them out",
        |play| Box::pin(limit(play)),
    ),
    Check::writes(
        "rfc-bulk-version",
        "Where bulk and versions are announced, an operation for another version is refused with 412",
        "RFC 7644 §3.7",
        "Take `version` of an operation as `If-Match`",
        |play| Box::pin(version(play)),
    ),
];

/// The most operations that are sent to a server to see it refuse them.
const MANY: u64 = 5000;

async fn carried_out(play: &mut Play) -> Verdict {
    play.needs_announced("bulk")?;
    let draft = play.draft();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": "one", "data": draft}],
    });
    let answer = play.post("/Bulk", &body).await?;
    answer.status(&[200])?.schema("urn:ietf:params:scim:api:messages:2.0:BulkResponse")?;
    let found = play.filter("/Users", &format!("userName eq {}", draft["userName"])).await?.page()?;
    let ids: Vec<String> = found.ids().into_iter().map(str::to_owned).collect();
    for id in &ids {
        play.owe("/Users", id);
    }
    let status = answer.at("/Operations/0/status").cloned();
    // RFC 7644 shows the status as text in §3.7.3, and as an object with a code in older drafts.
    let text = status.as_ref().map(|status| status.get("code").unwrap_or(status)).and_then(Value::as_str);
    if text != Some("201") {
        return Err(answer.fault("`Operations.0.status` to be \"201\"", status.unwrap_or_default().to_string()));
    }
    answer.is("/Operations/0/bulkId", &json!("one"))?;
    let created = answer
        .text("/Operations/0/location")
        .is_some_and(|location| ids.iter().any(|id| location.ends_with(&escape(id))));
    if created {
        Ok(())
    } else {
        Err(answer.fault("the `location` of the user that was created", "none that is one's"))
    }
}

async fn reference(play: &mut Play) -> Verdict {
    play.needs_announced("bulk")?;
    let draft = play.draft();
    let text = play.spare_text()?;
    let name = play.name();
    let change = json!({"schemas": [PATCH_SCHEMA], "Operations": [{"op": "replace", "path": text, "value": name}]});
    let operations = json!([
        {"method": "POST", "path": "/Users", "bulkId": "one", "data": draft},
        {"method": "PATCH", "path": "/Users/bulkId:one", "data": change},
    ]);
    let answer = send(play, json!({"Operations": operations})).await?;
    let found = play.filter("/Users", &format!("userName eq {}", draft["userName"])).await?;
    owe(play, &found)?;
    has_status(&answer, 1, &["200", "204"])?;
    found.is(&format!("/Resources/0/{text}"), &json!(name))?;
    Ok(())
}

async fn failure(play: &mut Play) -> Verdict {
    play.needs_announced("bulk")?;
    let (draft, nobody) = (play.draft(), play.name());
    let operations = json!([
        {"method": "DELETE", "path": format!("/Users/{nobody}")},
        {"method": "POST", "path": "/Users", "bulkId": "one", "data": draft},
    ]);
    let answer = send(play, json!({"Operations": operations})).await?;
    let found = play.filter("/Users", &format!("userName eq {}", draft["userName"])).await?;
    owe(play, &found)?;
    has_status(&answer, 0, &["404"])?;
    has_status(&answer, 1, &["201"])?;
    answer.is("/Operations/0/response/status", &json!("404"))?;
    Ok(())
}

async fn fail_on_errors(play: &mut Play) -> Verdict {
    play.needs_announced("bulk")?;
    let (draft, nobody) = (play.draft(), play.name());
    let operations = json!([
        {"method": "DELETE", "path": format!("/Users/{nobody}")},
        {"method": "POST", "path": "/Users", "bulkId": "one", "data": draft},
    ]);
    let answer = send(play, json!({"failOnErrors": 1, "Operations": operations})).await?;
    let found = play.filter("/Users", &format!("userName eq {}", draft["userName"])).await?;
    match owe(play, &found)? {
        0 => Ok(()),
        _ => Err(answer.fault("nothing to be done after the first failure", "the user was created")),
    }
}

async fn limit(play: &mut Play) -> Verdict {
    play.needs_announced("bulk")?;
    let most = play.announced.limit("bulk", "maxOperations").filter(|most| *most < MANY);
    let most = most.ok_or_else(|| skipped(format!("the server announces no `maxOperations` below {MANY}")))?;
    let nobody = play.name();
    let deletes = (0..=most).map(|_| json!({"method": "DELETE", "path": format!("/Users/{nobody}")}));
    let operations: Vec<Value> = deletes.collect();
    let body = request(json!({"Operations": operations}));
    play.post("/Bulk", &body).await?.status(&[413])?;
    Ok(())
}

async fn version(play: &mut Play) -> Verdict {
    play.needs_announced("bulk")?;
    play.needs_announced("etag")?;
    let user = play.user().await?;
    let delete = json!({"method": "DELETE", "path": user.path, "version": "W/\"of-another-time\""});
    let answer = send(play, json!({"Operations": [delete]})).await?;
    has_status(&answer, 0, &["412"])?;
    play.read(&user).await?;
    Ok(())
}

fn request(mut body: Value) -> Value {
    body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
    body
}

/// Sends operations; holds that they are answered one by one.
async fn send(play: &mut Play, body: Value) -> Result<Answer, Stop> {
    let answer = play.post("/Bulk", &request(body)).await?;
    answer.status(&[200])?.schema("urn:ietf:params:scim:api:messages:2.0:BulkResponse")?;
    Ok(answer)
}

/// Holds the status that is answered of an operation.
fn has_status(answer: &Answer, operation: usize, wanted: &[&str]) -> Verdict {
    let status = answer.at(&format!("/Operations/{operation}/status"));
    // RFC 7644 shows the status as text in §3.7.3, and as an object with a code in older drafts.
    let text = status.map(|status| status.get("code").unwrap_or(status)).and_then(Value::as_str);
    if text.is_some_and(|text| wanted.contains(&text)) {
        return Ok(());
    }
    let wanted: Vec<String> = wanted.iter().map(|wanted| format!("\"{wanted}\"")).collect();
    let expected = format!("`Operations.{operation}.status` to be {}", wanted.join(" or "));
    Err(answer.fault(expected, status.map_or_else(|| "none".to_owned(), Value::to_string)))
}

/// Notes the users of a list, to be removed; gives their number.
fn owe(play: &mut Play, found: &Answer) -> Result<usize, Stop> {
    let ids: Vec<String> = found.page()?.ids().into_iter().map(str::to_owned).collect();
    for id in &ids {
        play.owe("/Users", id);
    }
    Ok(ids.len())
}
