//! How a route is described.

use std::borrow::Cow;

use protocol::ErrorCode;

/// A route, as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// In lower case, as `OpenAPI` writes it.
    pub(crate) method: &'static str,
    pub(crate) path: Cow<'static, str>,
    /// The function that answers.
    pub(super) function: &'static str,
    pub(super) summary: Cow<'static, str>,
    pub(super) access: Access,
    pub(super) query: Vec<Query>,
    pub(super) body: Shape,
    pub(super) status: u16,
    pub(super) answer: Shape,
    /// Beside those that access, parameters and body bring along.
    pub(super) errors: Cow<'static, [ErrorCode]>,
}

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Anybody.
    Open,
    /// Anybody with a token, also who has left.
    SignedIn,
    /// Whoever works for the business.
    Member,
    /// Its administrators.
    Admin,
    /// The same, by the edge's own check.
    Feed,
}

/// A query parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) name: &'static str,
    pub(super) says: Cow<'static, str>,
    pub(super) kind: QueryKind,
}

/// What a query parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryKind {
    Text,
    Id,
    Date,
    Words(&'static [&'static str]),
    /// From 1 to this.
    Count(u64),
    /// Given back as it came.
    Cursor,
}

/// What a body or the data of an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Nothing,
    /// One of the document's schemas.
    One(&'static str),
    /// Any of its fields.
    Changes(&'static str),
    /// A plain list of them.
    Many(&'static str),
    /// A page of them, with a cursor.
    Page(&'static str),
    /// Any object.
    Object,
    /// Any object, and in no envelope.
    Bare,
}

impl Route {
    /// A route that takes and says nothing, answered with 200.
    pub(super) const fn new(
        method: &'static str,
        path: Cow<'static, str>,
        function: &'static str,
        access: Access,
        summary: Cow<'static, str>,
    ) -> Self {
        Self {
            method,
            path,
            function,
            summary,
            access,
            query: Vec::new(),
            body: Shape::Nothing,
            status: 200,
            answer: Shape::Nothing,
            errors: Cow::Borrowed(&[]),
        }
    }

    /// With a body of this shape.
    pub(super) const fn body(mut self, body: Shape) -> Self {
        self.body = body;
        self
    }

    /// With data of this shape in its answer.
    pub(super) const fn answer(mut self, status: u16, answer: Shape) -> Self {
        self.status = status;
        self.answer = answer;
        self
    }

    /// With these query parameters.
    pub(super) fn query(mut self, query: Vec<Query>) -> Self {
        self.query = query;
        self
    }

    /// With these failures of its own.
    pub(super) fn errors(mut self, errors: &'static [ErrorCode]) -> Self {
        self.errors = Cow::Borrowed(errors);
        self
    }
}
