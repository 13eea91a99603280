//! Values that must never be shown.

use sha2::{Digest as _, Sha256};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

/// A secret: no `Display`, no serialisation; `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Secret(secrecy::SecretString);

impl Secret {
    /// Keeps `value`.
    pub fn new(value: impl Into<String>) -> Self {
        Self(secrecy::SecretString::from(value.into()))
    }
    /// The value, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        use secrecy::ExposeSecret;
        self.0.expose_secret()
    }
    /// The fingerprint that a presented value is compared with.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.reveal().as_bytes())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secret>")
    }
}

/// The SHA-256 of a secret, for comparison.
///
/// Both sides of a comparison are hashed, so that neither the length nor a common beginning shows in its duration.
#[derive(Clone)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a presented value.
    pub fn of(value: &[u8]) -> Self {
        Self(Sha256::digest(value).into())
    }
    /// Its bytes, to see whether something has changed.
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }
    /// Whether both are of the same value.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
    /// Whether this is one of `known`, in a time that depends on the number of `known` alone.
    pub fn is_one_of(&self, known: &[Self]) -> bool {
        self.place_among(known).is_some()
    }
    /// Where among `known` this is, in a time that depends on the number of `known` alone.
    pub fn place_among<'k>(&self, known: impl IntoIterator<Item = &'k Self>) -> Option<usize> {
        // 0 stands for none; nobody has so many secrets that the count runs over.
        let found = known
            .into_iter()
            .zip(1_u32..)
            .fold(0, |found, (other, count)| u32::conditional_select(&found, &count, self.0.ct_eq(&other.0)));
        usize::try_from(found.checked_sub(1)?).ok()
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<fingerprint>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        let secret = Secret::new("hush-hush-hush-hush");
        assert_eq!(format!("{secret:?} {:?}", secret.fingerprint()), "<secret> <fingerprint>");
    }

    #[test]
    fn a_presented_value_matches_exactly_the_known_secrets() {
        let known = [Secret::new("first-token-of-two").fingerprint(), Secret::new("second-token-of-two").fingerprint()];
        let cases = [
            ("the first", "first-token-of-two", true),
            ("the second, during rotation", "second-token-of-two", true),
            ("a beginning", "first-token-of", false),
            ("more than one", "first-token-of-two ", false),
            ("nothing", "", false),
            ("another case", "First-token-of-two", false),
        ];
        for (name, presented, want) in cases {
            assert_eq!(Fingerprint::of(presented.as_bytes()).is_one_of(&known), want, "{name}");
            let place = Fingerprint::of(presented.as_bytes()).place_among(&known);
            assert_eq!(
                place.map(|place| known[place].0),
                want.then(|| Fingerprint::of(presented.as_bytes()).0),
                "{name}"
            );
        }
        assert!(!Fingerprint::of(b"").is_one_of(&[]), "no secret is known");
    }
}
