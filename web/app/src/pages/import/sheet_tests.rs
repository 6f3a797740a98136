//! The files of the reviews, and tables that an independent writer makes.

use protocol::Role;

use super::*;

fn read(text: &str) -> Sheet {
    Sheet::read(text, Role::AdminNegocio).unwrap()
}

fn customer(row: &ReadRow) -> &JsonObject {
    row.customer.as_ref().unwrap()
}

#[test]
fn titles_may_stand_in_any_order_and_a_bad_row_does_not_stop_the_rest() {
    let sheet =
        read("Saldo Inicial,Nombre,Teléfono\n\"1,250.50\",Rosa Quispe,987654321\nx,Ana,\n,,1\n");
    assert_eq!(sheet.rows.len(), 3);
    assert_eq!(customer(&sheet.rows[0])["saldoInicial"], "1250.50");
    assert_eq!(customer(&sheet.rows[0])["phone"], "987654321");
    assert!(sheet.rows[1].customer.as_ref().unwrap_err().contains("saldo inicial"));
    assert!(sheet.rows[2].customer.is_err());
}

#[test]
fn usual_titles_are_known_and_others_are_named() {
    let sheet = read(
        "Lista de clientes 2026\n\nRAZÓN SOCIAL;N° Documento;Celular;DOMICILIO;Observación;Deuda (S/);Zona\n\
         Bodega Ñusta;20601234567;987654321;Jr. Unión;fía;1.250,00;Norte\n",
    );
    let row = &sheet.rows[0];
    assert_eq!(row.number, 4);
    let data = customer(row);
    for (field, value) in [
        ("name", "Bodega Ñusta"),
        ("dni", "20601234567"),
        ("phone", "987654321"),
        ("address", "Jr. Unión"),
        ("notes", "fía"),
        ("saldoInicial", "1250.00"),
    ] {
        assert_eq!(data[field], value);
    }
    assert_eq!(sheet.unused, ["Zona"]);
    let split = read("sep=;\r\nNombres;Apellidos\r\nRosa;Quispe\r\n");
    assert_eq!(customer(&split.rows[0])["name"], "Rosa Quispe");
    assert_eq!(split.rows[0].number, 3);
}

#[test]
fn what_a_spreadsheet_has_damaged_is_offered_back_or_refused() {
    let sheet = read("nombre;dni;saldo\nA1;8123456;\nB2;2.06E+10;\nC3;12345678;1,234\nD4;123;\n");
    assert_eq!(customer(&sheet.rows[0])["dni"], "08123456");
    assert_eq!(sheet.rows[0].notes, ["DNI 08123456 (se agregó el 0)."]);
    assert!(sheet.rows[1].customer.as_ref().unwrap_err().contains("2.06E+10"));
    assert_eq!(sheet.rows[2].notes, ["El saldo «1,234» se leyó como S/\u{a0}1,234.00."]);
    assert!(sheet.rows[3].customer.as_ref().unwrap_err().contains("DNI"));
}

#[test]
fn a_stray_quote_swallows_no_row_and_a_cell_of_many_lines_is_noted() {
    let sheet = read("nombre,direccion\nAna,Jr. 5\" tubo\nLuis,x\nEva,y\nRosa,\"a\nb\"\n");
    assert_eq!(sheet.rows.len(), 4);
    assert_eq!(customer(&sheet.rows[0])["address"], "Jr. 5\" tubo");
    assert_eq!(sheet.rows[3].notes.len(), 1);
}

#[test]
fn a_file_without_titles_says_so() {
    for text in ["", "Rosa;987654321\nAna;1\n"] {
        assert!(Sheet::read(text, Role::AdminNegocio).unwrap_err().contains("fila de títulos"));
    }
    let fault = Sheet::read("dni;celular\n1;2\n", Role::AdminNegocio).unwrap_err();
    assert!(fault.contains("Falta la columna") && fault.contains("dni, celular"), "{fault}");
}

#[test]
fn rows_beyond_the_bound_are_said() {
    let text = format!("nombre\n{}", "Rosa\n".repeat(ROWS_MAX + 2));
    let sheet = read(&text);
    assert_eq!((sheet.rows.len(), sheet.cut_at), (ROWS_MAX, Some(ROWS_MAX + 2)));
}

/// A deterministic generator: the app has no dependency on a library of properties.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

#[test]
fn what_a_spreadsheet_wrote_is_what_is_read() {
    let letters = ['a', 'Ñ', ',', ';', '\t', '"', '\n', ' ', '\'', '5'];
    for seed in 0..2_000 {
        let mut dice = Dice(seed);
        let separator = SEPARATORS[dice.below(SEPARATORS.len())];
        let line_end = ["\n", "\r\n", "\r"][dice.below(3)];
        let width = 2 + dice.below(4);
        let rows: Vec<Vec<String>> = (0..=dice.below(5))
            .map(|_| {
                let mut cells: Vec<String> = (1..width)
                    .map(|_| {
                        (0..dice.below(6)).map(|_| letters[dice.below(letters.len())]).collect()
                    })
                    .collect();
                cells.push("end".to_owned());
                cells
            })
            .collect();
        // As spreadsheets write: a cell is quoted if it has the separator, a quote or a line break.
        let write = |cell: &String| {
            if cell.contains([separator, '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        let lines = rows.iter().map(|cells| {
            let cells: Vec<String> = cells.iter().map(write).collect();
            cells.join(&separator.to_string()) + line_end
        });
        let text: String = lines.collect();
        let again: Vec<Vec<String>> =
            SheetRows::new(&text, separator).map(|row| row.cells).collect();
        assert_eq!(again, rows, "seed {seed}: {text:?}");
    }
}
