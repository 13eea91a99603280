//! Which of our media types a client takes (RFC 9110 §12.5.1, RFC 7644 §3.8).

use http::HeaderMap;
use http::header::ACCEPT;

/// A media type that we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/scim+json`
    Scim,
    /// `application/json`
    Plain,
}

/// The name of SCIM's own type.
const SCIM: &str = "application/scim+json";
/// The name of the plain one.
const PLAIN: &str = "application/json";

/// The media type to answer in: of those that the client takes the one it likes better, SCIM's own where it does not say;
/// `None` where it takes neither.
pub fn taken(headers: &HeaderMap) -> Option<Media> {
    let mut values = headers.get_all(ACCEPT).iter();
    let Some(first) = values.next() else { return Some(Media::Scim) };
    if is_usual(first.as_bytes()) {
        return Some(Media::Scim);
    }
    let texts = std::iter::once(first).chain(values).map(|value| value.to_str().unwrap_or_default());
    let ranges: Vec<Range<'_>> = texts.flat_map(|text| text.split(',')).filter_map(Range::parse).collect();
    if ranges.is_empty() {
        return Some(Media::Scim);
    }
    let (scim, plain) = (quality(&ranges, SCIM), quality(&ranges, PLAIN));
    match (scim, plain) {
        (0, 0) => None,
        (scim, plain) if plain > scim => Some(Media::Plain),
        _ => Some(Media::Scim),
    }
}

/// Whether a header is what SCIM clients and plain HTTP clients send, so that nothing has to be weighed.
fn is_usual(value: &[u8]) -> bool {
    let scim_alone = |rest: &[u8]| rest.is_empty() || rest.eq_ignore_ascii_case(b"; charset=utf-8");
    value == b"*/*" || value.strip_prefix(SCIM.as_bytes()).is_some_and(scim_alone)
}

/// One range of the header: `application/*;q=0.5`.
struct Range<'t> {
    name: &'t str,
    /// In thousandths.
    quality: u16,
}

impl<'t> Range<'t> {
    /// A range; `None` for what is none, which does not count. Parameters other than `q` do not either: `charset` says
    /// nothing about JSON.
    fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().filter(|name| name.contains('/'))?;
        let weight =
            parts.filter_map(|part| part.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let quality = match weight {
            None => 1000,
            Some((_, weight)) => thousandths(weight.trim())?,
        };
        Some(Self { name, quality })
    }

    /// How closely the range names a type: the type itself, its family, or everything.
    fn closeness(&self, media_type: &str) -> Option<u8> {
        let family = media_type.split('/').next().unwrap_or_default();
        match self.name.split_once('/')? {
            _ if self.name.eq_ignore_ascii_case(media_type) => Some(2),
            (name, "*") if name.eq_ignore_ascii_case(family) => Some(1),
            ("*", "*") => Some(0),
            _ => None,
        }
    }
}

/// How much a type is liked: the closest range says it.
fn quality(ranges: &[Range<'_>], media_type: &str) -> u16 {
    let named = ranges.iter().filter_map(|range| Some((range.closeness(media_type)?, range.quality)));
    named.max().map_or(0, |(_, quality)| quality)
}

/// `0.5` as 500.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = format!("{fraction:0<3}");
    let fraction: u16 = digits.get(..3)?.parse().ok()?;
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    Some((whole * 1000 + fraction).min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_says_which_media_type_it_takes() {
        let cases: &[(&str, &[&str], Option<Media>)] = &[
            ("nothing said", &[], Some(Media::Scim)),
            ("nothing in it", &[""], Some(Media::Scim)),
            ("SCIM's own", &["application/scim+json"], Some(Media::Scim)),
            ("Okta's", &["application/scim+json; charset=utf-8"], Some(Media::Scim)),
            ("in capitals", &["Application/SCIM+JSON"], Some(Media::Scim)),
            ("plain JSON", &["application/json"], Some(Media::Plain)),
            ("both", &["application/json, application/scim+json"], Some(Media::Scim)),
            ("both, in two headers", &["application/json", "application/scim+json"], Some(Media::Scim)),
            ("the plain one more", &["application/scim+json;q=0.5, application/json"], Some(Media::Plain)),
            ("the plain one less", &["application/scim+json; q=0.9, application/json ; Q=0.89"], Some(Media::Scim)),
            ("anything", &["*/*"], Some(Media::Scim)),
            ("a browser", &["text/html,application/xhtml+xml,*/*;q=0.8"], Some(Media::Scim)),
            ("any application", &["application/*;q=0.1"], Some(Media::Scim)),
            ("the plain one, or anything", &["application/json, */*;q=0.1"], Some(Media::Plain)),
            ("anything but SCIM's own", &["application/scim+json;q=0, */*"], Some(Media::Plain)),
            ("anything but JSON", &["application/scim+json;q=0.000, application/json;q=0, */*"], None),
            ("a page", &["text/html"], None),
            ("nothing at all", &["*/*;q=0"], None),
            ("a word among ranges", &["json, application/scim+json"], Some(Media::Scim)),
            ("a weight that is none", &["application/json;q=high, text/html"], None),
        ];
        for (name, values, want) in cases {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(ACCEPT, value.parse().unwrap());
            }
            assert_eq!(taken(&headers), *want, "{name}");
        }
    }
}
