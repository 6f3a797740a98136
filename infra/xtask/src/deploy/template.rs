//! The template as it is deployed: with the edge's function in the place of its stand-in.

use std::fs;
use std::path::Path;

use crate::problem::Problem;

/// Writes `template.yaml` of `root` to `target`, each function's file inside.
pub(super) fn write(root: &Path, target: &Path) -> Result<(), Problem> {
    let path = root.join("template.yaml");
    let text = fs::read_to_string(&path).map_err(Problem::file(&path))?;
    let read = |file: &str| {
        let path = root.join(file);
        fs::read_to_string(&path).map_err(Problem::file(&path))
    };
    fs::write(target, with_sources(&text, read)?).map_err(Problem::file(target))
}

/// Puts the file that `Metadata: { Source: … }` names in the place of the next `FunctionCode`.
fn with_sources(
    template: &str,
    read: impl Fn(&str) -> Result<String, Problem>,
) -> Result<String, Problem> {
    let mut result = String::new();
    let mut source = None;
    let mut replaced = 0;
    for line in template.lines() {
        if let Some(named) = line.trim().strip_prefix("Metadata: { Source: ") {
            source = named.strip_suffix(" }");
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        match source {
            Some(file) if line.trim_start().starts_with("FunctionCode:") => {
                result.push_str(indent);
                result.push_str("FunctionCode: |\n");
                for code in read(file)?.lines() {
                    let code = format!("{indent}  {code}");
                    result.push_str(code.trim_end());
                    result.push('\n');
                }
                source = None;
                replaced += 1;
            }
            _ => {
                result.push_str(line);
                result.push('\n');
            }
        }
    }
    if replaced == 0 || source.is_some() {
        return Err(Problem::Answer(
            "template.yaml: Metadata with Source and the FunctionCode after it were not found"
                .into(),
        ));
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_s_function_takes_the_place_of_what_refuses_everything() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let template = fs::read_to_string(root.join("template.yaml")).unwrap();
        let read = |file: &str| Ok(fs::read_to_string(root.join(file)).unwrap());
        let deployed = with_sources(&template, read).unwrap();
        assert!(template.contains("statusCode: 503"), "a stand-in refuses everything");
        assert!(!deployed.contains("function handler() { return { statusCode: 503 }; }"));
        let function = read("infra/edge/viewer-request.js").unwrap();
        for line in function.lines() {
            assert!(deployed.contains(line), "{line}");
        }
        assert!(with_sources("Resources: {}", read).is_err());
    }
}
