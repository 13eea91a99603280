//! `multipart/form-data` as the fields that its parts are.

/// The fields of a body, in order; `None` where it is not what the media type says.
pub(super) fn fields(media_type: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let (_, boundary) = media_type.split_once("boundary=")?;
    let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"');
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_suffix(&format!("--{boundary}--\r\n"))?;
    let begin = format!("--{boundary}\r\n");
    let mut parts = text.split(&begin);
    parts.next().filter(|before| before.is_empty())?;
    parts.map(field).collect()
}

fn field(part: &str) -> Option<(String, String)> {
    let (head, text) = part.strip_suffix("\r\n")?.split_once("\r\n\r\n")?;
    let (_, name) = head.split_once("name=\"")?;
    let name = name.strip_suffix('"')?.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
    Some((name, text.to_owned()))
}
