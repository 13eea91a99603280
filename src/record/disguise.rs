//! Stand-ins for what must not be written down: the same for the same word, in the whole recording.
//!
//! A text is disguised word by word, and what stands between its words stays. So `Ada Byrne`, `ada@acme.example` and
//! `CORP\ADA` still belong together, whatever a mapping makes of one of them, and what was long, capital or a number still is.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What stands for every password: neither its length nor its signs are told.
pub(super) const PASSWORD: &str = "a-password";
/// A password that is looked for in other texts has this many characters or more.
const TELLING_PASSWORD: usize = 4;

/// The syllables of a stand-in.
const CONSONANTS: &[u8; 14] = b"bdfgklmnprstvz";
const VOWELS: &[u8; 5] = b"aeiou";
/// Syllables of a word: enough for 343,000 words.
const SYLLABLES: usize = 3;
/// Digits alone are told from counts and ids by their number only.
const TELLING_DIGITS: usize = 5;

/// A letter alone is anybody's.
const TELLING_LETTERS: usize = 2;

/// The stand-ins given so far.
#[derive(Debug, Default)]
pub(super) struct Disguise {
    /// By the word in lower case.
    words: HashMap<String, String>,
    /// Texts that were disguised as a whole.
    wholes: HashMap<String, String>,
    passwords: BTreeSet<String>,
    given: HashSet<String>,
    /// Words, in lower case, that say nothing about anybody: those of the mapping.
    kept: HashSet<String>,
    next: u64,
}

impl Disguise {
    /// Stand-ins for everything but these texts and their words.
    pub(super) fn keeping<'t>(kept: impl IntoIterator<Item = &'t str>) -> Self {
        let mut disguise = Self::default();
        for text in kept.into_iter().chain([PASSWORD]) {
            disguise.kept.extend(words(text).filter(|(_, is_word)| *is_word).map(|(word, _)| word.to_lowercase()));
            disguise.wholes.insert(text.to_owned(), text.to_owned());
        }
        disguise
    }

    /// This text, as a whole, is nobody's.
    pub(super) fn keep(&mut self, text: &str) {
        self.wholes.insert(text.to_owned(), text.to_owned());
    }

    /// The stand-in for a text that is somebody's.
    pub(super) fn text(&mut self, text: &str) -> String {
        if let Some(known) = self.wholes.get(text) {
            return known.clone();
        }
        let stand_in: String =
            words(text).map(|(part, is_word)| if is_word { self.word(part) } else { part.to_owned() }).collect();
        self.wholes.insert(text.to_owned(), stand_in.clone());
        stand_in
    }

    /// The stand-in for a password, but for one that a mapping itself writes or draws.
    pub(super) fn password(&mut self, text: &str) -> String {
        if self.wholes.get(text).is_some_and(|known| known == text) {
            return text.to_owned();
        }
        self.passwords.insert(text.to_owned());
        PASSWORD.to_owned()
    }

    /// The stand-in for a number that is somebody's.
    pub(super) fn digits(&mut self, digits: &str) -> String {
        self.text(digits)
    }

    /// A text that may speak of somebody, with every word replaced that was somebody's elsewhere.
    pub(super) fn known(&self, text: &str) -> String {
        if let Some(known) = self.wholes.get(text) {
            return known.clone();
        }
        if self.passwords.contains(text) {
            return PASSWORD.to_owned();
        }
        // The longest of those that begin alike comes first.
        let telling = self.passwords.iter().rev().filter(|password| password.chars().count() >= TELLING_PASSWORD);
        let text = telling.fold(Cow::Borrowed(text), |text, password| {
            if text.contains(password) { text.replace(password, PASSWORD).into() } else { text }
        });
        let known = |(part, is_word): (&str, bool)| {
            let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
            let tells = part.len() >= if is_number { TELLING_DIGITS } else { TELLING_LETTERS };
            match self.words.get(&part.to_lowercase()) {
                Some(stand_in) if is_word && tells => in_case_of(part, stand_in),
                Some(_) | None => part.to_owned(),
            }
        };
        words(&text).map(known).collect()
    }

    /// The stand-in for a number where it was somebody's elsewhere.
    pub(super) fn known_digits(&self, digits: &str) -> Option<String> {
        self.words.get(digits).filter(|_| digits.len() >= TELLING_DIGITS).cloned()
    }

    fn word(&mut self, word: &str) -> String {
        let key = word.to_lowercase();
        if self.kept.contains(&key) {
            return word.to_owned();
        }
        if let Some(stand_in) = self.words.get(&key) {
            return in_case_of(word, stand_in);
        }
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let is_mixed = word.bytes().any(|byte| byte.is_ascii_digit());
        let stand_in = loop {
            self.next += 1;
            let made = if is_number || is_mixed { alike(&key, self.next) } else { pronounceable(self.next) };
            // A word short of digits cannot always have one of its own.
            if key.len() < 3 && is_number || made != key && !self.given.contains(&made) {
                break made;
            }
        };
        self.given.insert(stand_in.clone());
        self.words.insert(key, stand_in.clone());
        in_case_of(word, &stand_in)
    }
}

/// The parts of a text: words, of letters and digits, and what stands between them.
fn words(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_word = rest.chars().next()?.is_alphanumeric();
        let end = rest.find(|sign: char| sign.is_alphanumeric() != is_word).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        rest = after;
        Some((part, is_word))
    })
}

/// A stand-in in capitals where the word is in capitals, with the word's capital letters else.
fn in_case_of(word: &str, stand_in: &str) -> String {
    let letters = || word.chars().filter(|letter| letter.is_alphabetic());
    if letters().count() > 1 && letters().all(char::is_uppercase) {
        return stand_in.to_uppercase();
    }
    let mut capitals = word.chars().map(char::is_uppercase);
    let cased = |letter: char| if capitals.next() == Some(true) { letter.to_ascii_uppercase() } else { letter };
    stand_in.chars().map(cased).collect()
}

/// The word with this number.
fn pronounceable(number: u64) -> String {
    // The factor and the number of words have no common divisor: no word comes twice, and neighbours are not alike.
    let all = (CONSONANTS.len() * VOWELS.len()) as u64;
    let mut left = number.wrapping_mul(177_147_001) % all.pow(3);
    let mut word = String::with_capacity(2 * SYLLABLES);
    for _ in 0..SYLLABLES {
        let syllable = usize::try_from(left % all).unwrap_or(0);
        word.push(char::from(CONSONANTS[syllable / VOWELS.len()]));
        word.push(char::from(VOWELS[syllable % VOWELS.len()]));
        left /= all;
    }
    word
}

/// As many letters and digits, each where the word has one.
fn alike(word: &str, number: u64) -> String {
    let mut state = number;
    let mut draw = |among: u8| {
        // splitmix64, as good as any for a draw that only has to look random.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u8::try_from((mixed ^ (mixed >> 31)) % u64::from(among)).unwrap_or(0)
    };
    let sign = |(index, sign): (usize, char)| match sign {
        '0' if index == 0 => '0',
        '0'..='9' if index == 0 => char::from(b'1' + draw(9)),
        '0'..='9' => char::from(b'0' + draw(10)),
        _ => char::from(b'a' + draw(26)),
    };
    word.chars().enumerate().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_has_the_same_stand_in_in_every_text_and_case() {
        let mut disguise = Disguise::keeping(["CORP\\{}", "work"]);
        let whole = disguise.text("Ada Byrne");
        let (first, last) = whole.split_once(' ').unwrap();
        assert_eq!(disguise.text("ada.byrne"), format!("{}.{}", first.to_lowercase(), last.to_lowercase()));
        assert_eq!(disguise.text("CORP\\ADA"), format!("CORP\\{}", first.to_uppercase()));
        assert_eq!(disguise.known("The login ada is taken"), format!("The login {} is taken", first.to_lowercase()));
        assert_eq!(disguise.text("work"), "work");
        assert!(!whole.to_lowercase().contains("ada"), "{whole}");
    }

    #[test]
    fn every_password_has_the_same_stand_in_and_no_other_text_tells_it() {
        let mut disguise = Disguise::keeping(["ChangeMe1"]);
        assert_eq!((disguise.password("S3cret-of-Zoe"), disguise.password("x")), (PASSWORD.into(), PASSWORD.into()));
        assert_eq!(disguise.password("ChangeMe1"), "ChangeMe1", "the mapping's own");
        assert_eq!(disguise.known("S3cret-of-Zoe"), PASSWORD);
        assert_eq!(disguise.known("`S3cret-of-Zoe` is too weak"), format!("`{PASSWORD}` is too weak"));
        assert_eq!(disguise.known("an extra x"), "an extra x");
    }

    #[test]
    fn numbers_stay_numbers_of_their_length() {
        let mut disguise = Disguise::default();
        let phone = disguise.text("+44 7700 900123");
        assert_eq!(
            phone.chars().map(|sign| if sign.is_ascii_digit() { '9' } else { sign }).collect::<String>(),
            "+99 9999 999999"
        );
        assert_ne!(phone, "+44 7700 900123");
        assert_eq!(disguise.text("+44 7700 900123"), phone);
        let number = disguise.digits("480592");
        assert_eq!((number.len(), disguise.known_digits("480592")), (6, Some(number)));
        // Too short to tell whose it is.
        assert_eq!((disguise.known("page 44"), disguise.known_digits("44")), ("page 44".to_owned(), None));
    }

    #[test]
    fn different_words_have_different_stand_ins() {
        let mut disguise = Disguise::default();
        let given: HashSet<String> = (0..2_000).map(|number| disguise.text(&format!("name{number}"))).collect();
        assert_eq!(given.len(), 2_000);
        let plain: HashSet<String> = (1..=343_000).map(pronounceable).collect();
        assert_eq!(plain.len(), 343_000);
    }
}
