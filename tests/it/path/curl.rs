//! As much of curl as the README uses.

/// Sends what a line of curl says; gives the body, or `None` where it went into a file in `folder`.
pub(super) async fn curl(words: &[String], folder: &std::path::Path) -> Option<String> {
    let (mut method, mut url, mut out) = ("GET".to_owned(), None, None);
    let (mut headers, mut body) = (Vec::new(), None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap_or_else(|| panic!("nothing behind {word}")).clone();
        match word.as_str() {
            "-sS" => {}
            "-X" => method = next(),
            "-H" => headers.push(next()),
            "-d" => body = Some(next()),
            "-o" => out = Some(next()),
            other if other.starts_with("http://") => url = Some(other.to_owned()),
            other => panic!("this is not understood of curl: {other}"),
        }
    }
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.request(method.parse().unwrap(), url.expect("a URL"));
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let answer = request.body(body.unwrap_or_default()).send().await.unwrap().text().await.unwrap();
    match out {
        Some(file) => {
            std::fs::write(folder.join(file), answer).unwrap();
            None
        }
        None => Some(answer),
    }
}
