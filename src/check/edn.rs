//! A reader of EDN, the notation of Clojure, as far as histories use it: forms, one after the other, with their lines.
//!
//! Everything that the notation has is read, so that unknown entries of a map can be passed over; what is told apart is
//! only what histories need. A tag, such as the `#jepsen.history.Op` before a map, is passed over, and so are comments.
//! Fractions and characters are kept as they stand: nothing computes with them.

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// The line, from 1.
    pub(super) line: u32,
    /// What is wrong there, in a sentence.
    pub(super) problem: String,
}

/// How deep forms may nest; a history needs five.
const DEEPEST: usize = 64;

/// A form and the line where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Form<'a> {
    pub(super) line: u32,
    pub(super) kind: Kind<'a>,
}

/// What a form is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    Keyword(&'a str),
    Symbol(&'a str),
    Text(String),
    /// A vector or a list.
    Sequence(Vec<Form<'a>>),
    Set(Vec<Form<'a>>),
    Map(Vec<(Form<'a>, Form<'a>)>),
    /// A number that is not a 64-bit integer, or a character, as it stands in the file.
    Other(&'a str),
}

impl Kind<'_> {
    /// What was found, for a message.
    pub(super) fn what(&self) -> String {
        match self {
            Self::Nil => "nil".to_owned(),
            Self::Bool(truth) => truth.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Keyword(word) => format!(":{word}"),
            Self::Symbol(word) | Self::Other(word) => format!("`{word}`"),
            Self::Text(text) => format!("{text:?}"),
            Self::Sequence(items) => format!("a vector of {}", items.len()),
            Self::Set(items) => format!("a set of {}", items.len()),
            Self::Map(_) => "a map".to_owned(),
        }
    }
}

/// Reads a text form by form.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), at: 0, line: 1 }
    }

    /// The only form of a text, which begins in this line of its file.
    pub(super) fn only(text: &'a str, line: u32) -> Result<Form<'a>, Mistake> {
        let mut reader = Self { line, ..Self::new(text) };
        let Some(form) = reader.next_in(None)? else { return reader.error("expected a value") };
        match reader.next_in(None)? {
            None => Ok(form),
            Some(more) => reader.error(format!("there is more after the value: {}", more.kind.what())),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over white space, commas and comments.
    fn skip(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' | b',' | 0x0c => {}
                b';' => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                    continue;
                }
                _ => return,
            }
            self.at += 1;
        }
    }

    fn error<T>(&self, problem: impl Into<String>) -> Result<T, Mistake> {
        Err(Mistake { line: self.line, problem: problem.into() })
    }

    /// Enters the sequence that the whole text is, if it is one; returns what closes it and where it began.
    pub(super) fn open_sequence(&mut self) -> Option<(u8, u32)> {
        self.skip();
        let close = match self.peek()? {
            b'[' => b']',
            b'(' => b')',
            _ => return None,
        };
        self.at += 1;
        Some((close, self.line))
    }

    /// The next form of the sequence entered, or of the text; `None` at its end.
    pub(super) fn next_in(&mut self, outer: Option<(u8, u32)>) -> Result<Option<Form<'a>>, Mistake> {
        loop {
            self.skip();
            match (self.peek(), outer) {
                (None, None) => return Ok(None),
                (None, Some((_, line))) => {
                    return self.error(format!("the text ends, but what was opened in line {line} is not closed"));
                }
                (Some(byte), Some((close, _))) if byte == close => {
                    self.at += 1;
                    return Ok(None);
                }
                _ => {}
            }
            if let Some(form) = self.form(0)? {
                return Ok(Some(form));
            }
        }
    }

    /// The form that begins here; `None` if it is to be discarded.
    fn form(&mut self, depth: usize) -> Result<Option<Form<'a>>, Mistake> {
        if depth > DEEPEST {
            return self.error(format!("nested more than {DEEPEST} deep"));
        }
        let line = self.line;
        let kind = match self.peek() {
            None => return self.error("the text ends where a form was expected"),
            Some(b'[') => Kind::Sequence(self.items(b']', depth)?),
            Some(b'(') => Kind::Sequence(self.items(b')', depth)?),
            Some(b'{') => Kind::Map(self.pairs(depth)?),
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'#') => return self.dispatch(depth),
            Some(close @ (b']' | b')' | b'}')) => {
                return self.error(format!("`{}` closes nothing", char::from(close)));
            }
            Some(b'\\') => {
                let from = self.at;
                self.at += 1;
                self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
                self.token();
                Kind::Other(&self.text[from..self.at])
            }
            Some(_) => {
                let word = self.token();
                self.atom(word)?
            }
        };
        Ok(Some(Form { line, kind }))
    }

    fn items(&mut self, close: u8, depth: usize) -> Result<Vec<Form<'a>>, Mistake> {
        let opened = self.line;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip();
            match self.peek() {
                None => {
                    return self.error(format!("the text ends, but what was opened in line {opened} is not closed"));
                }
                Some(byte) if byte == close => {
                    self.at += 1;
                    return Ok(items);
                }
                _ => items.extend(self.form(depth + 1)?),
            }
        }
    }

    fn pairs(&mut self, depth: usize) -> Result<Vec<(Form<'a>, Form<'a>)>, Mistake> {
        let mut items = self.items(b'}', depth)?.into_iter();
        let mut pairs = Vec::with_capacity(items.len() / 2);
        while let Some(name) = items.next() {
            let Some(value) = items.next() else {
                return Err(Mistake {
                    line: name.line,
                    problem: format!("{} has no value in this map", name.kind.what()),
                });
            };
            pairs.push((name, value));
        }
        Ok(pairs)
    }

    /// `#_form` is discarded, `#{...}` is a set, `#tag form` is the form.
    fn dispatch(&mut self, depth: usize) -> Result<Option<Form<'a>>, Mistake> {
        let line = self.line;
        self.at += 1;
        match self.peek() {
            Some(b'{') => {
                let items = self.items(b'}', depth)?;
                Ok(Some(Form { line, kind: Kind::Set(items) }))
            }
            Some(b'_') => {
                self.at += 1;
                self.skip();
                self.form(depth + 1)?;
                Ok(None)
            }
            _ if self.token().is_empty() => self.error("expected a tag behind `#`"),
            _ => {
                self.skip();
                self.form(depth + 1)
            }
        }
    }

    /// Everything up to white space or a delimiter.
    fn token(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let ends = |byte: u8| byte.is_ascii_whitespace() || b",;\"()[]{}".contains(&byte);
        let length = rest.bytes().position(ends).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn atom(&self, word: &'a str) -> Result<Kind<'a>, Mistake> {
        let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
        Ok(match word {
            "nil" => Kind::Nil,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "" | ":" => return self.error("expected a form"),
            _ if digits.starts_with(|first: char| first.is_ascii_digit()) => {
                // An `N` behind a number says that it may be large; most are not.
                word.strip_suffix('N').unwrap_or(word).parse().map_or(Kind::Other(word), Kind::Int)
            }
            _ => word.strip_prefix(':').map_or(Kind::Symbol(word), Kind::Keyword),
        })
    }

    fn string(&mut self) -> Result<String, Mistake> {
        let opened = self.line;
        self.at += 1;
        let mut text = String::new();
        let mut chars = self.text[self.at..].char_indices();
        while let Some((at, char)) = chars.next() {
            match char {
                '"' => {
                    self.at += at + 1;
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, other)) => text.push(other),
                    None => break,
                },
                '\n' => {
                    self.line += 1;
                    text.push(char);
                }
                _ => text.push(char),
            }
        }
        Err(Mistake { line: opened, problem: "this string is not closed".into() })
    }
}
