//! What is wrong with a configuration file, and where.

use super::{place::Place, yaml};
use crate::sentence;
use serde_saphyr::Spanned;
use std::fmt;

/// The longest text of a problem that a parser words, in characters.
pub(crate) const TEXT_LIMIT: usize = 300;
/// How many problems of one file are told; of more, how many there are.
pub(crate) const PROBLEM_LIMIT: usize = 50;

/// One thing that is wrong with a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// Where in the document: `applications.shop.workloads.web.score`; empty for the whole.
    pub path: String,
    /// What is wrong, in a sentence that its author understands.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        if !self.path.is_empty() {
            write!(formatter, ": {}", self.path)?;
        }
        write!(formatter, ": {}", self.text)
    }
}

/// A text with the line that it stands on.
pub(crate) type Text = Spanned<String>;

/// The line of what was read.
pub(crate) fn line_of<T>(value: &Spanned<T>) -> Option<usize> {
    usize::try_from(value.referenced.line()).ok().filter(|line| *line > 0)
}

/// The problems of one file, while it is checked.
pub(crate) struct Problems {
    file: String,
    found: Vec<Problem>,
    more: usize,
}

impl Problems {
    pub(crate) fn of(file: &str) -> Self {
        Self { file: file.to_owned(), found: Vec::new(), more: 0 }
    }

    /// Adds a problem that is about no value.
    pub(crate) fn add(&mut self, path: &str, text: impl fmt::Display) {
        self.add_on(None, path, text);
    }

    /// Adds a problem with a value.
    pub(crate) fn add_at<T>(&mut self, value: &Spanned<T>, path: &str, text: impl fmt::Display) {
        self.add_on(line_of(value), path, text);
    }

    fn add_on(&mut self, line: Option<usize>, path: &str, text: impl fmt::Display) {
        if self.found.len() < PROBLEM_LIMIT {
            let (file, path) = (self.file.clone(), path.to_owned());
            self.found.push(Problem { file, line, path, text: text.to_string() });
        } else {
            self.more += 1;
        }
    }

    /// Reads a text as what it should be; a problem when it is not.
    pub(crate) fn parse<T>(&mut self, path: &str, text: &Text) -> Option<T>
    where
        T: std::str::FromStr,
        T::Err: fmt::Display,
    {
        text.value.parse().map_err(|error| self.add_at(text, path, error)).ok()
    }

    /// Reads a key as what it should be; a problem when it is not.
    pub(crate) fn parse_key<T>(&mut self, path: &str, key: &str) -> Option<T>
    where
        T: std::str::FromStr,
        T::Err: fmt::Display,
    {
        key.parse().map_err(|error| self.add(path, error)).ok()
    }

    /// A problem when a text does not pass.
    pub(crate) fn require(
        &mut self,
        passes: bool,
        path: &str,
        text: &Text,
        sentence: &str,
    ) -> Option<String> {
        if !passes {
            self.add_at(text, path, sentence);
        }
        passes.then(|| text.value.clone())
    }

    /// A problem when there is too much of something.
    pub(crate) fn at_most(&mut self, path: &str, count: usize, limit: usize) {
        if count > limit {
            self.add(path, format_args!("at most {limit} are allowed, and there are {count}"));
        }
    }

    /// What was checked, when nothing was found. What is about no value is told with the line of its path in the text.
    pub(crate) fn result<T>(self, checked: Option<T>, text: &[u8]) -> Result<T, Vec<Problem>> {
        match checked {
            Some(checked) if self.found.is_empty() => Ok(checked),
            _ => {
                let place: Option<Place> = yaml::read(&self.file, text, usize::MAX).ok();
                let line = |path: &str| place.as_ref().and_then(|place| place.line(path));
                let found = self.found.into_iter();
                let found = found.map(|one| Problem { line: one.line.or_else(|| line(&one.path)), ..one });
                let more = (self.more > 0).then(|| Problem {
                    file: self.file,
                    line: None,
                    path: String::new(),
                    text: sentence::more_problems(self.more),
                });
                Err(found.chain(more).collect())
            }
        }
    }
}
