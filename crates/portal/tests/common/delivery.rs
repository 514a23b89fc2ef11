//! What an authority delivers, and the work that follows.

use contracts::{
    Actor, Context,
    mediation::Mediation,
    setoff::{MarkerAction, MarkerChange, MarkerScope, Setoff},
};
use platform::driver::run_until_idle;
use primitives::Identifier;

use super::{CHILD, COMPANY, DEBTOR, KAREN, OLE, TODAY, Town, account, cpr, cvr, new_key, operator, supplier};

/// An order to pay a person or a company by number.
pub struct Order {
    pub reference: &'static str,
    pub amount: &'static str,
    pub payee: Identifier,
    pub benefit: Option<&'static str>,
}

impl Town {
    /// A town with payments. Karen and the company have accounts; Ole's payouts are asked for by the recovery authority, and he has none.
    pub async fn with_payments() -> Self {
        let town = Self::new().await;
        town.bank_reports(cpr(KAREN), "0440116243").await;
        town.bank_reports(cvr(COMPANY), "4444444444").await;
        town.mark(cpr(OLE)).await;
        let orders = [
            Order { reference: "BFY-1", amount: "1500.25", payee: cpr(KAREN), benefit: Some("NKSBFY") },
            Order { reference: "LON-2", amount: "30000.00", payee: cpr(KAREN), benefit: Some("NKSLØN") },
            Order { reference: "SKAT-3", amount: "777.00", payee: cpr(OLE), benefit: None },
            Order { reference: "LEV-4", amount: "12.34", payee: cvr(COMPANY), benefit: None },
            Order { reference: "NUL-5", amount: "0", payee: cvr(COMPANY), benefit: None },
            Order { reference: "BFY-7", amount: "901.00", payee: cpr(CHILD), benefit: Some("NKSBFY") },
        ];
        town.deliver("M-1", "2026-03-03", &orders).await;
        let later = [Order { reference: "SEN-6", amount: "600.00", payee: cpr(KAREN), benefit: Some("NKSBFY") }];
        town.deliver("M-2", "2026-03-31", &later).await;
        town
    }

    /// The authority delivers orders for a day, and everybody does the work that is due.
    pub async fn deliver(&self, message: &str, on: &str, orders: &[Order]) {
        let file = pain001(message, on, orders);
        let context = Context { actor: Actor::DataSupplier { id: supplier() }, ..operator() };
        let content = Box::pin(std::io::Cursor::new(file.into_bytes()));
        self.mediation.deliver(&context, supplier(), content).await.unwrap();
        self.work().await;
    }

    /// Everything that is due.
    pub async fn work(&self) {
        run_until_idle(&self.mediation.rooms(), 2).await.unwrap();
    }

    /// The recovery authority asks for what is paid to this person.
    pub async fn mark(&self, identifier: Identifier) {
        let scope = MarkerScope::General { payer: None };
        let change = MarkerChange { identifier, scope, priority: 1, action: MarkerAction::Set, from: TODAY };
        let context = Context { actor: Actor::RecoveryAuthority, ..operator() };
        let results = self.setoff.put_markers(&context, &new_key(), vec![change]).await.unwrap();
        results.into_iter().for_each(|result| result.unwrap());
    }
}

fn pain001(message: &str, on: &str, orders: &[Order]) -> String {
    let rows: String = orders.iter().map(row).collect();
    let count = orders.len();
    let primitives::Account::Danish(debtor) = account(DEBTOR) else { unreachable!("the authority's account is Danish") };
    let debtor = debtor.to_iban();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>\
         <GrpHdr><MsgId>{message}</MsgId><CreDtTm>2026-03-01T10:00:00Z</CreDtTm><NbOfTxs>{count}</NbOfTxs>\
         <InitgPty><Nm>Styrelsen for Eksempler</Nm><Id><OrgId><Othr><Id>00000001</Id><SchmeNm><Prtry>NKS</Prtry></SchmeNm></Othr></OrgId></Id></InitgPty></GrpHdr>\
         <PmtInf><PmtInfId>{message}-1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>{on}</Dt></ReqdExctnDt>\
         <Dbtr><Nm>Styrelsen for Eksempler</Nm></Dbtr><DbtrAcct><Id><IBAN>{}</IBAN></Id></DbtrAcct>\
         <DbtrAgt><FinInstnId><BICFI>DABADKKK</BICFI></FinInstnId></DbtrAgt>\n{rows}</PmtInf></CstmrCdtTrfInitn></Document>\n",
        debtor.as_str()
    )
}

fn row(order: &Order) -> String {
    let number = order.payee.canonical();
    let payee = match &order.payee {
        Identifier::Cpr(_) => {
            format!("<PrvtId><Othr><Id>{number}</Id><SchmeNm><Prtry>CPR</Prtry></SchmeNm></Othr></PrvtId>")
        }
        other => {
            let kind = other.kind().as_str();
            format!("<OrgId><Othr><Id>{number}</Id><SchmeNm><Prtry>{kind}</Prtry></SchmeNm></Othr></OrgId>")
        }
    };
    let purpose = order.benefit.map_or(String::new(), |code| format!("<Purp><Prtry>{code}</Prtry></Purp>"));
    format!(
        "<CdtTrfTxInf><PmtId><EndToEndId>{}</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">{}</InstdAmt></Amt>\
         <Cdtr><Nm>Modtager</Nm><Id>{payee}</Id></Cdtr>{purpose}</CdtTrfTxInf>\n",
        order.reference, order.amount
    )
}
