//! Messages of a payer, written by hand so that a test can put any fault in.

use primitives::{Account, Identifier};

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub reference: String,
    /// The content of `InstdAmt`.
    pub amount: String,
    pub currency: &'static str,
    pub payee: Option<Identifier>,
    pub account: Option<Account>,
    pub benefit: Option<&'static str>,
}

impl Order {
    /// An incomplete order.
    pub fn incomplete(reference: &str, amount: &str, payee: Identifier) -> Self {
        let (reference, amount) = (reference.to_owned(), amount.to_owned());
        Self { reference, amount, currency: "DKK", payee: Some(payee), account: None, benefit: None }
    }

    fn xml(&self) -> String {
        let payee = self.payee.as_ref().map_or(String::new(), |payee| {
            let number = payee.canonical();
            match payee {
                Identifier::Cpr(_) => {
                    format!("<Id><PrvtId><Othr><Id>{number}</Id><SchmeNm><Prtry>CPR</Prtry></SchmeNm></Othr></PrvtId></Id>")
                }
                Identifier::Foreign(foreign) => format!(
                    "<Id><PrvtId><Othr><Id>{}</Id><SchmeNm><Cd>NIDN</Cd></SchmeNm><Issr>{}</Issr></Othr></PrvtId></Id>",
                    foreign.value(),
                    foreign.country()
                ),
                other => format!(
                    "<Id><OrgId><Othr><Id>{number}</Id><SchmeNm><Prtry>{}</Prtry></SchmeNm></Othr></OrgId></Id>",
                    other.kind().as_str()
                ),
            }
        });
        let account = self.account.as_ref().map_or(String::new(), |account| match account {
            Account::Danish(danish) => format!("<CdtrAcct><Id><IBAN>{}</IBAN></Id></CdtrAcct>", danish.to_iban().as_str()),
            Account::Iban { iban, .. } => format!("<CdtrAcct><Id><IBAN>{}</IBAN></Id></CdtrAcct>", iban.as_str()),
            Account::Foreign(_) => String::new(),
        });
        let purpose = self.benefit.map_or(String::new(), |code| format!("<Purp><Prtry>{code}</Prtry></Purp>"));
        let Self { reference, amount, currency, .. } = self;
        format!(
            "<CdtTrfTxInf><PmtId><EndToEndId>{reference}</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"{currency}\">{amount}</InstdAmt></Amt>\
             <Cdtr><Nm>Modtager</Nm>{payee}</Cdtr>{account}{purpose}</CdtTrfTxInf>\n"
        )
    }
}

/// A payment information block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub id: &'static str,
    pub date: &'static str,
    pub debtor: Account,
    pub benefit: Option<&'static str>,
    pub orders: Vec<Order>,
}

impl Block {
    /// A block due today from the payer's kroner account.
    pub fn of(orders: Vec<Order>) -> Self {
        Self { id: "B-1", date: "2026-01-14", debtor: super::account(900), benefit: None, orders }
    }

    fn xml(&self) -> String {
        let debtor = match &self.debtor {
            Account::Danish(danish) => danish.to_iban(),
            _ => panic!("the tests' debtors are Danish"),
        };
        let benefit =
            self.benefit.map_or(String::new(), |code| format!("<PmtTpInf><CtgyPurp><Prtry>{code}</Prtry></CtgyPurp></PmtTpInf>"));
        let rows: String = self.orders.iter().map(Order::xml).collect();
        let Self { id, date, .. } = self;
        format!(
            "<PmtInf><PmtInfId>{id}</PmtInfId><PmtMtd>TRF</PmtMtd>{benefit}<ReqdExctnDt><Dt>{date}</Dt></ReqdExctnDt>\
             <Dbtr><Nm>Styrelsen</Nm></Dbtr><DbtrAcct><Id><IBAN>{}</IBAN></Id></DbtrAcct>\
             <DbtrAgt><FinInstnId><BICFI>DABADKKK</BICFI></FinInstnId></DbtrAgt>\n{rows}</PmtInf>\n",
            debtor.as_str()
        )
    }
}

/// A pain.001.001.09 of the tests' payer.
pub(crate) fn pain001(message_id: &str, blocks: &[Block]) -> String {
    let count: usize = blocks.iter().map(|block| block.orders.len()).sum();
    let blocks: String = blocks.iter().map(Block::xml).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>\n\
         <GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2026-01-13T10:00:00Z</CreDtTm><NbOfTxs>{count}</NbOfTxs>\
         <InitgPty><Nm>Styrelsen</Nm><Id><OrgId><Othr><Id>00000001</Id><SchmeNm><Prtry>NKS</Prtry></SchmeNm></Othr></OrgId></Id></InitgPty></GrpHdr>\n\
         {blocks}</CstmrCdtTrfInitn></Document>\n"
    )
}
