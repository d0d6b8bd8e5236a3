"""Abbreviations of public life, whole."""

from collections.abc import Mapping
from types import MappingProxyType

# The papers that offices write, and the offices, as they stand in a paper's number: 15/2020/NĐ-CP.
PAPERS: Mapping[str, str] = MappingProxyType(
    {
        "NĐ": "nghị định", "NQ": "nghị quyết", "NQLT": "nghị quyết liên tịch", "QĐ": "quyết định",
        "QyĐ": "quy định", "QĐi": "quy định", "TT": "thông tư", "TTLT": "thông tư liên tịch", "CT": "chỉ thị",
        "CTr": "chương trình", "KH": "kế hoạch", "TB": "thông báo", "BC": "báo cáo", "TTr": "tờ trình",
        "HD": "hướng dẫn", "CV": "công văn", "CĐ": "công điện", "GM": "giấy mời", "KL": "kết luận",
        "QC": "quy chế", "PA": "phương án", "ĐA": "đề án", "VBHN": "văn bản hợp nhất", "BB": "biên bản",
        "HĐ": "hợp đồng", "L": "luật", "PL": "pháp lệnh", "TM": "thư mời",
    }
)  # fmt: skip
OFFICES: Mapping[str, str] = MappingProxyType(
    {
        "CP": "chính phủ", "TTg": "thủ tướng chính phủ", "QH": "quốc hội", "CTN": "chủ tịch nước",
        "UBTVQH": "ủy ban thường vụ quốc hội", "UBND": "ủy ban nhân dân", "HĐND": "hội đồng nhân dân",
        "UB": "ủy ban", "VPCP": "văn phòng chính phủ", "BNV": "bộ nội vụ", "BTC": "bộ tài chính",
        "BYT": "bộ y tế", "BCA": "bộ công an", "BQP": "bộ quốc phòng", "BTP": "bộ tư pháp",
        "BCT": "bộ công thương", "BXD": "bộ xây dựng", "BNG": "bộ ngoại giao",
        "BGDĐT": "bộ giáo dục và đào tạo", "BTTTT": "bộ thông tin và truyền thông",
        "BVHTTDL": "bộ văn hóa, thể thao và du lịch", "BKHCN": "bộ khoa học và công nghệ",
        "BNNPTNT": "bộ nông nghiệp và phát triển nông thôn", "BNNMT": "bộ nông nghiệp và môi trường",
        "BTNMT": "bộ tài nguyên và môi trường", "BGTVT": "bộ giao thông vận tải",
        "BKHĐT": "bộ kế hoạch và đầu tư", "BLĐTBXH": "bộ lao động, thương binh và xã hội",
        "NHNN": "ngân hàng nhà nước", "TANDTC": "tòa án nhân dân tối cao",
        "VKSNDTC": "viện kiểm sát nhân dân tối cao", "TW": "trung ương", "TU": "tỉnh ủy", "HU": "huyện ủy",
        "ĐU": "đảng ủy", "CTUBND": "chủ tịch ủy ban nhân dân",
    }
)  # fmt: skip

# What is read out whole wherever it stands.
COMMON: Mapping[str, str] = MappingProxyType(
    {
        **{it: OFFICES[it] for it in ("UBND", "HĐND", "TTg", "UBTVQH", "TW", "BTTTT", "BGDĐT", "BVHTTDL", "NHNN")},
        "T.Ư": "trung ương", "TƯ": "trung ương", "UBKT": "ủy ban kiểm tra", "UBBC": "ủy ban bầu cử",
        "MTTQ": "mặt trận tổ quốc", "MTTQVN": "mặt trận tổ quốc Việt Nam", "UBMTTQ": "ủy ban mặt trận tổ quốc",
        "UBMTTQVN": "ủy ban mặt trận tổ quốc Việt Nam", "BTV": "ban thường vụ", "BCĐ": "ban chỉ đạo",
        "ĐBQH": "đại biểu quốc hội", "ĐB": "đại biểu", "QH": "quốc hội", "VN": "Việt Nam", "TP": "thành phố",
        "TPHCM": "thành phố Hồ Chí Minh", "HCM": "Hồ Chí Minh", "HN": "Hà Nội", "ĐBSCL": "đồng bằng sông Cửu Long",
        "THCS": "trung học cơ sở", "THPT": "trung học phổ thông", "GDTX": "giáo dục thường xuyên",
        "GD&ĐT": "giáo dục và đào tạo", "GDĐT": "giáo dục và đào tạo", "BHYT": "bảo hiểm y tế",
        "BHXH": "bảo hiểm xã hội", "BHTN": "bảo hiểm thất nghiệp", "CCCD": "căn cước công dân",
        "CMND": "chứng minh nhân dân", "GPLX": "giấy phép lái xe", "CSGT": "cảnh sát giao thông",
        "ATGT": "an toàn giao thông", "TNGT": "tai nạn giao thông", "ANTT": "an ninh trật tự",
        "ATTP": "an toàn thực phẩm", "VSATTP": "vệ sinh an toàn thực phẩm", "VSMT": "vệ sinh môi trường",
        "PCCC": "phòng cháy chữa cháy", "CNCH": "cứu nạn cứu hộ", "PCTT": "phòng chống thiên tai",
        "TKCN": "tìm kiếm cứu nạn", "HTX": "hợp tác xã", "NTM": "nông thôn mới", "KT-XH": "kinh tế xã hội",
        "QP-AN": "quốc phòng an ninh", "LLVT": "lực lượng vũ trang", "NVQS": "nghĩa vụ quân sự",
        "CCB": "cựu chiến binh", "HLHPN": "hội liên hiệp phụ nữ", "TNCS": "thanh niên cộng sản",
        "NNPTNT": "nông nghiệp và phát triển nông thôn", "NN&PTNT": "nông nghiệp và phát triển nông thôn",
        "LĐTB&XH": "lao động, thương binh và xã hội", "LĐTBXH": "lao động, thương binh và xã hội",
        "VHTT": "văn hóa thông tin", "TDTT": "thể dục thể thao", "VHXH": "văn hóa xã hội",
        "TTHC": "thủ tục hành chính", "DVC": "dịch vụ công", "CBCC": "cán bộ, công chức",
        "CBCCVC": "cán bộ, công chức, viên chức", "NLĐ": "người lao động", "DTTS": "dân tộc thiểu số",
        "KHHGĐ": "kế hoạch hóa gia đình", "TTYT": "trung tâm y tế", "BVĐK": "bệnh viện đa khoa",
        "BV": "bệnh viện", "KCN": "khu công nghiệp", "KDC": "khu dân cư", "TDP": "tổ dân phố",
        "TNHH": "trách nhiệm hữu hạn", "NHCSXH": "ngân hàng chính sách xã hội", "CLB": "câu lạc bộ",
        "CNXH": "chủ nghĩa xã hội", "XHCN": "xã hội chủ nghĩa", "TTXVN": "thông tấn xã Việt Nam",
        "GCN": "giấy chứng nhận", "QSDĐ": "quyền sử dụng đất", "GPMB": "giải phóng mặt bằng",
        "SĐT": "số điện thoại", "CTY": "công ty", "Cty": "công ty", "BTXH": "bảo trợ xã hội", "TBA": "trạm biến áp",
        "STK": "số tài khoản", "MST": "mã số thuế", "VNĐ": "đồng", "VND": "đồng", "USD": "đô la Mỹ",
        "EUR": "ơ rô", "COVID": "cô vít", "AIDS": "ết", "ASEAN": "a xê an", "UNESCO": "u nét xcô",
        "UNICEF": "u ni xép", "OCOP": "ô cốp", "VNeID": "vê nờ e i đi", "VssID": "vê ét ét i đi",
        "GS": "giáo sư", "TS": "tiến sĩ", "ThS": "thạc sĩ", "BS": "bác sĩ", "PGS": "phó giáo sư",
    }
)  # fmt: skip

# Words of other languages, as they are said here.
LOANS: Mapping[str, str] = MappingProxyType(
    {
        "zalo": "da lô", "facebook": "phây búc", "youtube": "diu túp", "internet": "in tơ nét",
        "wifi": "oai phai", "wi-fi": "oai phai", "website": "oép xai", "web": "oép", "email": "i meo",
        "e-mail": "i meo", "online": "on lai", "offline": "óp lai", "video": "vi đê ô", "covid": "cô vít",
        "google": "gu gồ", "tiktok": "tích tóc", "smartphone": "xờ mát phôn", "livestream": "lai xờ trim",
        "camera": "ca mê ra", "radio": "ra đi ô", "karaoke": "ca ra ô kê", "vitamin": "vi ta min",
        "taxi": "tắc xi", "app": "áp",
    }
)  # fmt: skip
