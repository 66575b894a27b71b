//! The grammar: exact, and helpful where somebody comes close.

use super::{
    Command, NamedCommit,
    meant::{meant, span},
};
use crate::{
    name::{ApplicationName, EnvironmentId, EnvironmentName},
    platform::{duration, shape},
};
use jiff::SignedDuration;
use std::str::FromStr;

/// The longest text of a command, in bytes.
pub const TEXT_LIMIT: usize = 500;

/// How one command is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The slash command and its verb.
    pub verb: &'static str,
    /// What follows the verb.
    pub rest: &'static str,
}

/// How every command is typed.
pub const USAGES: [Usage; 8] = [
    Usage { verb: "/env create", rest: " APPLICATION [NAME] [branch BRANCH] [for 4h]" },
    Usage { verb: "/env destroy", rest: " APPLICATION/NAME" },
    Usage { verb: "/env list", rest: " [APPLICATION]" },
    Usage { verb: "/env status", rest: " APPLICATION/NAME" },
    Usage { verb: "/env retry", rest: " APPLICATION/NAME" },
    Usage { verb: "/env extend", rest: " APPLICATION/NAME [by 4h]" },
    Usage { verb: "/env help", rest: "" },
    Usage { verb: "/deploy", rest: " APPLICATION NAME [COMMIT]" },
];

/// What a word must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The name of an application.
    Application,
    /// The name of a new environment, or what may stand in its place.
    Name,
    /// The name of an environment within its application.
    NameWithin,
    /// `application/name`.
    Environment,
    /// The same, where two words were typed.
    OneWord,
    /// The first digits of a commit.
    Commit,
    /// A branch.
    Branch,
    /// A span of time.
    Span,
    /// Nothing more.
    End,
}

/// What was typed is no command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misunderstood {
    /// It is longer than [`TEXT_LIMIT`].
    TooLong,
    /// There is no such command.
    Unknown {
        /// What was typed in the place of the verb.
        said: String,
        /// The whole line that was probably meant.
        meant: Option<String>,
    },
    /// The verb is known, and what follows it is not as it must be.
    Wrong {
        /// How it is typed.
        usage: Usage,
        /// The word that does not fit; none where one is missing.
        said: Option<String>,
        /// What the word must be.
        expected: Expected,
        /// The whole line that was probably meant.
        meant: Option<String>,
    },
}

impl Command {
    /// Reads what was typed: the slash command with its slash, and the text after it.
    ///
    /// # Errors
    /// [`Misunderstood`], with what was probably meant where that can be told.
    pub fn parse(slash: &str, text: &str) -> Result<Command, Misunderstood> {
        Self::understand(slash, text).map_err(|misunderstood| match misunderstood {
            Misunderstood::TooLong => Misunderstood::TooLong,
            Misunderstood::Unknown { said, .. } => Misunderstood::Unknown { said, meant: meant(slash, text) },
            Misunderstood::Wrong { usage, said, expected, .. } => {
                Misunderstood::Wrong { usage, said, expected, meant: meant(slash, text) }
            }
        })
    }

    /// The same, exactly: nothing is guessed.
    pub(super) fn understand(slash: &str, text: &str) -> Result<Command, Misunderstood> {
        if text.len() > TEXT_LIMIT {
            return Err(Misunderstood::TooLong);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        match (slash, words.split_first()) {
            ("/deploy", _) => deploy(Line::of("/deploy", &words)),
            ("/env", None) => Ok(Command::Help),
            ("/env", Some((verb, rest))) => environment(verb, rest),
            _ => Err(Misunderstood::Unknown { said: slash.to_owned(), meant: None }),
        }
    }
}

fn environment(verb: &str, rest: &[&str]) -> Result<Command, Misunderstood> {
    let line = |verb| Line::of(verb, rest);
    match verb {
        "create" => create(line("/env create")),
        "destroy" => Ok(Command::Destroy { environment: line("/env destroy").only_environment()? }),
        "list" => list(line("/env list")),
        "status" => Ok(Command::Status { environment: line("/env status").only_environment()? }),
        "retry" => Ok(Command::Retry { environment: line("/env retry").only_environment()? }),
        "extend" => extend(line("/env extend")),
        "help" => line("/env help").end().map(|()| Command::Help),
        _ => Err(Misunderstood::Unknown { said: verb.to_owned(), meant: None }),
    }
}

fn create(mut line: Line<'_>) -> Result<Command, Misunderstood> {
    let application = line.word::<ApplicationName>(Expected::Application)?;
    let named = line.peek().filter(|word| !matches!(*word, "branch" | "for"));
    let name = match named {
        // What reads as a span of time was meant as one.
        Some(word) if span(word).is_some() => return Err(line.wrong(Some(word), Expected::Name)),
        Some(_) => Some(line.word::<EnvironmentName>(Expected::Name)?),
        None => None,
    };
    let branch = if line.skip("branch") { Some(line.branch()?) } else { None };
    let lifetime = line.span_after("for")?;
    line.end()?;
    Ok(Command::Create { application, name, branch, lifetime })
}

fn list(mut line: Line<'_>) -> Result<Command, Misunderstood> {
    let application = match line.peek() {
        Some(_) => Some(line.word::<ApplicationName>(Expected::Application)?),
        None => None,
    };
    line.end()?;
    Ok(Command::List { application })
}

fn extend(mut line: Line<'_>) -> Result<Command, Misunderstood> {
    let environment = line.environment()?;
    let by = line.span_after("by")?;
    line.end()?;
    Ok(Command::Extend { environment, by })
}

fn deploy(mut line: Line<'_>) -> Result<Command, Misunderstood> {
    let application = line.word::<ApplicationName>(Expected::Application)?;
    let name = line.word::<EnvironmentName>(Expected::NameWithin)?;
    let commit = match line.peek() {
        Some(_) => Some(line.word::<NamedCommit>(Expected::Commit)?),
        None => None,
    };
    line.end()?;
    Ok(Command::Deploy { environment: EnvironmentId::new(application, name), commit })
}

/// What follows a verb, word by word.
struct Line<'a> {
    usage: Usage,
    words: &'a [&'a str],
    next: usize,
}

impl<'a> Line<'a> {
    fn of(verb: &'static str, words: &'a [&'a str]) -> Self {
        let found = USAGES.into_iter().find(|usage| usage.verb == verb);
        let usage = found.unwrap_or(Usage { verb, rest: "" });
        Self { usage, words, next: 0 }
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).copied()
    }

    fn wrong(&self, said: Option<&str>, expected: Expected) -> Misunderstood {
        Misunderstood::Wrong { usage: self.usage, said: said.map(str::to_owned), expected, meant: None }
    }

    /// The next word, as a value of its kind.
    fn word<T: FromStr>(&mut self, expected: Expected) -> Result<T, Misunderstood> {
        let said = self.peek();
        let parsed = said.and_then(|word| word.parse().ok());
        self.next += 1;
        parsed.ok_or_else(|| self.wrong(said, expected))
    }

    /// `application/name`; two words are the likeliest mistake.
    fn environment(&mut self) -> Result<EnvironmentId, Misunderstood> {
        if let [application, name, ..] = self.words
            && format!("{application}/{name}").parse::<EnvironmentId>().is_ok()
            && *name != "by"
        {
            return Err(self.wrong(Some(application), Expected::OneWord));
        }
        self.word(Expected::Environment)
    }

    fn only_environment(mut self) -> Result<EnvironmentId, Misunderstood> {
        let environment = self.environment()?;
        self.end().map(|()| environment)
    }

    /// Steps over a word, if it comes next.
    fn skip(&mut self, word: &str) -> bool {
        let there = self.peek() == Some(word);
        self.next += usize::from(there);
        there
    }

    fn branch(&mut self) -> Result<String, Misunderstood> {
        let said = self.peek();
        self.next += 1;
        let branch = said.filter(|branch| shape::is_branch(branch));
        branch.map(str::to_owned).ok_or_else(|| self.wrong(said, Expected::Branch))
    }

    fn span_after(&mut self, word: &str) -> Result<Option<SignedDuration>, Misunderstood> {
        if !self.skip(word) {
            return Ok(None);
        }
        let said = self.peek();
        self.next += 1;
        let span = said.and_then(|text| duration::parse(text).ok()).filter(|span| !span.is_zero());
        span.map(Some).ok_or_else(|| self.wrong(said, Expected::Span))
    }

    fn end(&self) -> Result<(), Misunderstood> {
        match self.peek() {
            None => Ok(()),
            said => Err(self.wrong(said, Expected::End)),
        }
    }
}
