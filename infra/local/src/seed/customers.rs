//! Who buys from "Avícola Demo": 40 customers of the south of Lima, Rosa's half first.

/// A customer as the administrator wrote him down.
#[derive(Debug)]
pub(super) struct Customer {
    pub(super) name: &'static str,
    /// A DNI, or the RUC of a shop.
    pub(super) dni: &'static str,
    pub(super) phone: &'static str,
    pub(super) address: &'static str,
    /// What he owed before Avileo.
    pub(super) initial_balance: Option<&'static str>,
}

/// A customer who owed nothing.
const fn clear(
    name: &'static str,
    dni: &'static str,
    phone: &'static str,
    address: &'static str,
) -> Customer {
    Customer { name, dni, phone, address, initial_balance: None }
}

/// A customer with debt from before.
const fn owing(
    name: &'static str,
    dni: &'static str,
    phone: &'static str,
    address: &'static str,
    balance: &'static str,
) -> Customer {
    Customer { name, dni, phone, address, initial_balance: Some(balance) }
}

#[rustfmt::skip] // A table reads by its lines.
pub(super) const CUSTOMERS: &[Customer] = &[
    clear("María Elena Condori Apaza", "41872536", "987412563", "Jr. Las Gardenias 214, Villa El Salvador"),
    owing("Bodega Don Pancho", "10418725368", "956321478", "Av. César Vallejo Mz. K Lt. 7, Villa El Salvador", "185.50"),
    clear("Julio César Mamani Flores", "44103928", "941258736", "Sector 3 Grupo 15 Mz. C Lt. 4, Villa El Salvador"),
    clear("Juana Huamán de Ccori", "09514827", "963258741", "Mercado Santa Rosa, puesto 42, Villa El Salvador"),
    owing("Pollería El Buen Sabor", "20601345782", "998741236", "Av. Pachacútec 1840, Villa María del Triunfo", "642.00"),
    clear("Teófilo Ccahuana Quispe", "10276185", "921478563", "Pasaje Los Claveles 118, Villa María del Triunfo"),
    clear("Norma Beatriz Sulca Rojas", "42659173", "974125836", "Jr. Arequipa 675, Villa María del Triunfo"),
    clear("Percy Alberto Chávez León", "45781236", "932587416", "Calle Los Álamos 340, San Juan de Miraflores"),
    owing("Restaurante La Sazón de Chabuca", "20552874618", "989632147", "Av. Los Héroes 1127, San Juan de Miraflores", "318.40"),
    clear("Victoria Paucar Inga", "08741269", "951236874", "Mercado Ciudad de Dios, puesto 118, San Juan de Miraflores"),
    clear("Edgar Raúl Meza Tello", "43985217", "968521473", "Jr. Manuel Villar 452, San Juan de Miraflores"),
    clear("Luz Marina Yupanqui Soto", "46217895", "947853216", "Asociación Los Jardines Mz. B Lt. 12, Lurín"),
    owing("Bodega Santa Lucía", "10095148277", "936547821", "Antigua Panamericana Sur Km 36, Lurín", "96.00"),
    clear("Hilario Vilca Choque", "07963258", "958741263", "Calle Real 205, Pachacámac"),
    clear("Gladys Janet Poma Rivera", "47125869", "972365814", "Jr. Paraíso 88, Pachacámac"),
    clear("Wilmer Antonio Cárdenas Díaz", "70258146", "924785136", "Villa Alejandro Mz. F Lt. 9, Lurín"),
    owing("Sabina Ticona Calla", "40127853", "981236547", "Mercado Modelo de Lurín, puesto 23, Lurín", "57.30"),
    clear("Comedor Popular Virgen de Fátima", "09871452", "945632178", "Sector 6 Grupo 8, Villa El Salvador"),
    clear("Fredy Huarcaya Ramos", "44872159", "967412358", "Av. El Sol 932, Villa El Salvador"),
    clear("Rosaura Palomino Gálvez", "41365978", "953214786", "Jr. Las Dalias 510, Villa El Salvador"),
    clear("Carmen Rosa Espinoza Vega", "42158763", "986321457", "Av. Tomás Marsano 2875, Surquillo"),
    owing("Juguería y Sanguchería Anita", "10441039285", "931478526", "Jr. Domingo Elías 1390, Surquillo", "124.80"),
    clear("Segundo Vásquez Cubas", "16784523", "975318642", "Mercado N.º 2, puesto 77, Surquillo"),
    clear("Martha Lucía Benites Prado", "08256914", "949871235", "Calle San Diego 441, Surquillo"),
    clear("Óscar Iván Ramírez Luna", "45239871", "962147853", "Jr. Huáscar 223, Barranco"),
    owing("Pensión Doña Julia", "10402761852", "984512367", "Jr. Pedro Heraud 158, Barranco", "410.00"),
    clear("Nélida Acuña Torrejón", "06987412", "927536148", "Mercado San José, puesto 15, Chorrillos"),
    clear("Jorge Luis Zevallos Arce", "43621587", "959632174", "Av. Huaylas 1265, Chorrillos"),
    clear("Bertha Ñaupari Lazo", "20153478", "943218765", "Jr. Alejandro Iglesias 307, Chorrillos"),
    clear("Kevin Josué Tapia Mori", "73518426", "978412536", "Los Cedros de Villa Mz. D Lt. 3, Chorrillos"),
    owing("Elvira Cusi Huanca", "29587413", "935874126", "Pueblo Joven San Genaro Mz. H Lt. 21, Chorrillos", "72.60"),
    clear("Rubén Darío Saavedra Ríos", "41783692", "964785213", "Av. Santiago de Surco 3410, Santiago de Surco"),
    clear("Zoila Aurora Campos Neyra", "07412583", "952147836", "Jr. Grau 179, Surco Viejo"),
    clear("Aníbal Rosendo Tito Quiroz", "44596271", "991236548", "Mercado Jorge Chávez, puesto 31, Santiago de Surco"),
    owing("Mirtha Isabel Obregón Salas", "40985127", "938521476", "Calle Bolognesi 264, Surco Viejo", "233.90"),
    clear("Santos Eulogio Lozano Peña", "18029463", "971852364", "Jr. Combate de Angamos 590, Santiago de Surco"),
    clear("Yesenia Milagros Farfán Cruz", "46873215", "944125873", "Av. Guardia Civil 725, Chorrillos"),
    clear("Alejandrina Choquehuanca Pari", "01298574", "966325418", "Delicias de Villa Mz. 14 Lt. 6, Chorrillos"),
    clear("Dante Gerardo Olivera Bravo", "45012896", "957412863", "Jr. Cajamarca 112, Barranco"),
    clear("Hermelinda Puma Aquino", "23847169", "929874513", "Av. Prolongación Paseo de la República 880, Surquillo"),
];

/// The id of the customer at a place of the table.
pub(super) fn id(place: usize) -> String {
    format!("customer-{:02}", place + 1)
}
