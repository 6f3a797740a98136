//! SPDX licence expressions (<https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>):
//! names joined by `AND`, `OR` and `WITH`, `AND` binding tighter, and parentheses.

/// Whether the licences that `is_allowed` accepts are enough for `expression`; `None` when it
/// cannot be read. Old manifests write `MIT/Apache-2.0` for an `OR`.
pub(super) fn is_satisfied(expression: &str, is_allowed: impl Fn(&str) -> bool) -> Option<bool> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = Words { words: spaced.split_whitespace().collect(), next: 0 };
    let satisfied = words.any(&is_allowed)?;
    words.peek().is_none().then_some(satisfied)
}

struct Words<'text> {
    words: Vec<&'text str>,
    next: usize,
}

impl<'text> Words<'text> {
    fn peek(&self) -> Option<&'text str> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self) -> Option<&'text str> {
        let word = self.peek()?;
        self.next += 1;
        Some(word)
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.peek() == Some(word);
        self.next += usize::from(is_next);
        is_next
    }

    fn any(&mut self, is_allowed: &impl Fn(&str) -> bool) -> Option<bool> {
        let mut satisfied = self.all(is_allowed)?;
        while self.takes("OR") {
            satisfied |= self.all(is_allowed)?;
        }
        Some(satisfied)
    }

    fn all(&mut self, is_allowed: &impl Fn(&str) -> bool) -> Option<bool> {
        let mut satisfied = self.one(is_allowed)?;
        while self.takes("AND") {
            satisfied &= self.one(is_allowed)?;
        }
        Some(satisfied)
    }

    fn one(&mut self, is_allowed: &impl Fn(&str) -> bool) -> Option<bool> {
        if self.takes("(") {
            let satisfied = self.any(is_allowed)?;
            return self.takes(")").then_some(satisfied);
        }
        let name = self.take().filter(|word| !["AND", "OR", "WITH", ")"].contains(word))?;
        if self.takes("WITH") {
            let exception = self.take()?;
            return Some(is_allowed(&format!("{name} WITH {exception}")));
        }
        Some(is_allowed(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged_by_their_operators() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
        for (expression, satisfied) in [
            ("MIT", Some(true)),
            ("GPL-3.0", Some(false)),
            ("GPL-3.0 OR MIT", Some(true)),
            ("MIT/GPL-3.0", Some(true)),
            ("MIT AND GPL-3.0", Some(false)),
            ("GPL-3.0 OR MIT AND ISC", Some(true)),
            ("(GPL-3.0 OR MIT) AND ISC", Some(true)),
            ("(GPL-3.0 OR MIT) AND OpenSSL", Some(false)),
            ("Apache-2.0 WITH LLVM-exception", Some(true)),
            ("Apache-2.0", Some(false)),
            ("MIT OR", None),
            ("MIT ISC", None),
            ("(MIT", None),
            ("", None),
        ] {
            let found = is_satisfied(expression, |name| allowed.contains(&name));
            assert_eq!(found, satisfied, "{expression}");
        }
    }
}
