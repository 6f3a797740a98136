//! The template's routes, and which of them a request takes.
//!
//! The most specific route wins, as in API Gateway: a literal segment before a parameter, a
//! parameter before a greedy one, a method by name before `ANY`. HEAD takes the route of GET where
//! it has none of its own. `$default`, if there is one, takes what no other route takes.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use percent_encoding::percent_decode_str;

use crate::template::{Event, Function};

/// All routes, the most specific first.
#[derive(Debug)]
pub(crate) struct Routes {
    routes: Vec<Route>,
    default: Option<Route>,
}

/// One way to a function.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// The function's logical id.
    pub(super) function: String,
    /// Like `GET /customers/{id}`, or `$default`.
    pub(super) key: String,
    /// What the gateway waits at most.
    pub(super) timeout: Duration,
    method: Option<Method>,
    segments: Vec<Segment>,
}

/// Ordered from the most specific to the least.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
    Greedy(String),
}

/// What a request finds.
#[derive(Debug)]
pub(super) enum Found<'a> {
    Route(&'a Route, BTreeMap<String, String>),
    OtherMethods(Vec<Method>),
    Nothing,
}

/// Why a route cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RouteError {
    /// Its method is none.
    #[error("{0}: its method is none")]
    Method(String),
    /// Its path is malformed.
    #[error("{0}: its path is malformed")]
    Path(String),
    /// Two functions claim it.
    #[error("{0}: two functions claim it")]
    Twice(String),
}

impl Routes {
    /// The HTTP events of `functions`.
    ///
    /// # Errors
    ///
    /// When one is malformed or claimed twice.
    pub(crate) fn new<'a>(
        functions: impl Iterator<Item = &'a Function>,
    ) -> Result<Self, RouteError> {
        let mut routes: Vec<Route> = Vec::new();
        let mut default: Option<Route> = None;
        for function in functions {
            for event in function.events.values() {
                let Event::Http(declared) = event else { continue };
                let route = Route::new(function, declared)?;
                if routes.iter().chain(&default).any(|other| other.key == route.key) {
                    return Err(RouteError::Twice(route.key));
                }
                match route.key.as_str() {
                    DEFAULT => default = Some(route),
                    _ => routes.push(route),
                }
            }
        }
        routes.sort_by(|a, b| {
            (&a.segments, a.method.is_none()).cmp(&(&b.segments, b.method.is_none()))
        });
        Ok(Self { routes, default })
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let takes =
            |route: &&Route, method: &Method| route.method.as_ref().is_none_or(|own| own == method);
        let on_path: Vec<(&Route, BTreeMap<String, String>)> =
            self.routes.iter().filter_map(|route| Some((route, route.parameters(path)?))).collect();
        let mut methods = vec![method];
        if method == Method::HEAD {
            methods.push(&Method::GET);
        }
        for method in methods {
            if let Some((route, parameters)) =
                on_path.iter().find(|(route, _)| takes(route, method))
            {
                return Found::Route(route, parameters.clone());
            }
        }
        if let Some(default) = &self.default {
            return Found::Route(default, BTreeMap::new());
        }
        if on_path.is_empty() {
            return Found::Nothing;
        }
        Found::OtherMethods(on_path.iter().filter_map(|(route, _)| route.method.clone()).collect())
    }
}

impl Route {
    fn new(function: &Function, declared: &crate::template::HttpRoute) -> Result<Self, RouteError> {
        let mut route = Self {
            function: function.id.clone(),
            key: DEFAULT.to_owned(),
            timeout: declared.timeout(),
            method: None,
            segments: Vec::new(),
        };
        if let (Some(method), Some(path)) = (&declared.method, &declared.path) {
            let method = method.to_uppercase();
            route.key = format!("{method} {path}");
            route.method = match method.as_str() {
                "ANY" => None,
                name => Some(known_method(name).ok_or(RouteError::Method(route.key.clone()))?),
            };
            route.segments = segments(path).ok_or_else(|| RouteError::Path(route.key.clone()))?;
        }
        Ok(route)
    }

    /// The path's parameters, decoded, if the path is this route's.
    fn parameters(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let mut parameters = BTreeMap::new();
        let mut rest = path.strip_prefix('/')?.split('/');
        if self.segments.is_empty() {
            return (path == "/").then_some(parameters);
        }
        for segment in &self.segments {
            let part = rest.next()?;
            match segment {
                Segment::Literal(literal) if literal == part => {}
                Segment::Parameter(name) if !part.is_empty() => {
                    parameters.insert(name.clone(), decoded(part));
                }
                Segment::Greedy(name) if !part.is_empty() => {
                    let whole: Vec<&str> = std::iter::once(part).chain(rest.by_ref()).collect();
                    parameters.insert(name.clone(), decoded(&whole.join("/")));
                }
                _ => return None,
            }
        }
        rest.next().is_none().then_some(parameters)
    }
}

fn known_method(name: &str) -> Option<Method> {
    KNOWN_METHODS.iter().find(|method| method.as_str() == name).cloned()
}

/// `/customers/{id}` and `/files/{path+}` in parts; a greedy part only at the end.
fn segments(path: &str) -> Option<Vec<Segment>> {
    let inner = path.strip_prefix('/')?;
    if inner.is_empty() {
        return Some(Vec::new());
    }
    let segments: Vec<Segment> = inner
        .split('/')
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Segment::Greedy(name.into()),
                None => Segment::Parameter(name.into()),
            },
            None => Segment::Literal(part.into()),
        })
        .collect();
    let well_formed = segments.iter().enumerate().all(|(at, segment)| match segment {
        Segment::Literal(text) => !text.is_empty() && !text.contains(['{', '}']),
        Segment::Parameter(name) => !name.is_empty(),
        Segment::Greedy(name) => !name.is_empty() && at + 1 == segments.len(),
    });
    well_formed.then_some(segments)
}

/// Percent-decoded, as API Gateway gives paths and their parameters to a function.
pub(super) fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

/// The key of the route that takes the rest.
const DEFAULT: &str = "$default";

const KNOWN_METHODS: [Method; 7] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    fn routes(declared: &[(&str, &str)]) -> Result<Routes, RouteError> {
        let event = |(at, (method, path)): (usize, &(&str, &str))| {
            let properties = match *method {
                DEFAULT => "{ ApiId: !Ref Api }".to_owned(),
                method => format!("{{ ApiId: !Ref Api, Method: {method}, Path: \"{path}\" }}"),
            };
            format!("        E{at}: {{ Type: HttpApi, Properties: {properties} }}\n")
        };
        let events = declared.iter().enumerate().map(event).collect::<Vec<_>>().concat();
        let text = format!(
            "Resources:\n  Api: {{ Type: 'AWS::Serverless::HttpApi' }}\n  F:\n    Type: AWS::Serverless::Function\n    \
             Metadata: {{ BuildMethod: rust-cargolambda, BuildProperties: {{ Binary: f }} }}\n    \
             Properties:\n      Runtime: provided.al2023\n      Handler: bootstrap\n      Events:\n{events}"
        );
        let template = Template::parse(&text).unwrap();
        Routes::new(template.functions.values())
    }

    fn taken(routes: &Routes, method: &Method, path: &str) -> String {
        match routes.find(method, path) {
            Found::Route(route, parameters) => format!("{} {parameters:?}", route.key),
            Found::OtherMethods(methods) => format!("other {methods:?}"),
            Found::Nothing => "nothing".into(),
        }
    }

    #[test]
    fn the_most_specific_route_wins() {
        let routes = routes(&[
            ("ANY", "/{proxy+}"),
            ("GET", "/customers/{id}"),
            ("GET", "/customers/mine"),
            ("ANY", "/customers/{id}"),
        ])
        .unwrap();
        assert_eq!(taken(&routes, &Method::GET, "/customers/mine"), "GET /customers/mine {}");
        assert_eq!(
            taken(&routes, &Method::GET, "/customers/a%2Fb%20c"),
            r#"GET /customers/{id} {"id": "a/b c"}"#
        );
        assert_eq!(
            taken(&routes, &Method::PUT, "/customers/1"),
            r#"ANY /customers/{id} {"id": "1"}"#
        );
        assert_eq!(taken(&routes, &Method::GET, "/a/b/c"), r#"ANY /{proxy+} {"proxy": "a/b/c"}"#);
        assert_eq!(taken(&routes, &Method::GET, "/"), "nothing");
    }

    #[test]
    fn an_unknown_path_and_another_method_are_told_apart() {
        let routes = routes(&[("POST", "/sync/batch"), ("GET", "/sync/changes")]).unwrap();
        assert_eq!(taken(&routes, &Method::GET, "/sync/batch"), "other [POST]");
        assert_eq!(taken(&routes, &Method::HEAD, "/sync/changes"), "GET /sync/changes {}");
        for path in ["/sync", "/sync/batch/", "/sync//batch", "/Sync/batch", "/sync/%62atch", ""] {
            assert_eq!(taken(&routes, &Method::POST, path), "nothing", "{path}");
        }
    }

    #[test]
    fn what_no_route_takes_is_the_default_s() {
        let routes = routes(&[("GET", "/a"), (DEFAULT, "")]).unwrap();
        assert_eq!(taken(&routes, &Method::GET, "/a"), "GET /a {}");
        assert_eq!(taken(&routes, &Method::HEAD, "/a"), "GET /a {}");
        for (method, path) in [(Method::PUT, "/a"), (Method::GET, "/"), (Method::GET, "/b/c")] {
            assert_eq!(taken(&routes, &method, path), "$default {}", "{method} {path}");
        }
    }

    #[test]
    fn a_malformed_or_doubled_route_is_refused() {
        for declared in [
            vec![("GET", "/a/{b+}/c")],
            vec![("GET", "a")],
            vec![("GET", "/a//b")],
            vec![("FETCH", "/a")],
            vec![("GET", "/a"), ("get", "/a")],
            vec![(DEFAULT, ""), (DEFAULT, "")],
        ] {
            assert!(routes(&declared).is_err(), "{declared:?}");
        }
    }
}
