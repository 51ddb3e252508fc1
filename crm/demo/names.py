"""Names for people who do not exist, by where they live. Given names, family names, towns."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tongue:
    given: tuple[str, ...]
    family: tuple[str, ...]
    language: str = "en"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ENGLISH = Tongue(
    _words(
        "Amelia Ava Beth Carys Charlotte Daisy Eleanor Ella Emily Erin Esme Freya Georgia Grace Hannah Harriet Holly Imogen "
        "Isla Jasmine Jess Kate Lily Lucy Mabel Martha Megan Millie Molly Niamh Nora Olivia Phoebe Poppy Rosie Ruby Ruth "
        "Sarah Sophie Tess Una Willow Zoe Alfie Archie Arthur Ben Callum Charlie Daniel Dylan Edward Elliot Ewan Finlay "
        "Freddie George Harry Henry Hugh Isaac Jack James Jamie Joe Joseph Leo Lewis Louis Luke Max Nathan Noah Oliver "
        "Oscar Owen Rhys Robin Rory Samuel Sebastian Theo Thomas Toby Will"
    ),
    _words(
        "Abbott Appleby Archer Ashdown Atwood Barnaby Bellamy Bishop Blackwood Bramley Brooks Burrows Carver Chandler Clement "
        "Colby Cooper Cotter Cross Dalton Darby Dawson Drake Ellison Fairley Farrow Fenton Fielding Finch Fletcher Fox Frost "
        "Gale Garland Gibbs Godwin Hale Harding Hartley Hawthorne Hayes Heath Holloway Hollis Hurst Ives Jarvis Keating "
        "Kendrick Kirby Lacey Langley Larkin Lockwood Loxley Marlow Marsh Mercer Merrick Moss Nash Newbury Norwood Oakes "
        "Osborne Paget Parrish Penrose Pike Prescott Quill Radley Redfern Rowan Rowe Rushton Sawyer Selby Shaw Sheldon "
        "Slater Somers Spencer Stirling Stone Sutton Swift Tanner Thorne Tilden Tranter Underhill Vale Wainwright Walden "
        "Warwick Waverley Webb Whitlock Wilder Winslow Woodward Wren Yates York"
    ),
)
SOUTH_ASIAN = Tongue(
    _words(
        "Aisha Ananya Deepa Farah Isha Kavita Leila Meera Nadia Priya Riya Zara Aarav Arjun Bilal Dev Imran Kabir Omar Rohan Zain"
    ),
    _words(
        "Ahmed Banerjee Chaudhry Desai Hussain Iyer Kapoor Khan Malik Mehta Nair Patel Rahman Shah Sharma Sheikh Sidhu"
    ),
)
WEST_AFRICAN = Tongue(
    _words("Abena Ada Adaeze Amara Chioma Efua Folake Ngozi Temi Chidi Emeka Femi Kofi Kwame Obi Seun Tunde"),
    _words("Adeyemi Afolabi Asante Balogun Boateng Eze Mensah Nwosu Obi Okafor Okoro Owusu"),
)
POLISH = Tongue(
    _words(
        "Agnieszka Anna Barbara Ewa Joanna Kasia Łucja Małgorzata Zofia Adam Jakub Krzysztof Łukasz Marek Paweł Tomasz Wojciech"
    ),
    _words(
        "Dąbek Gołąb Jabłoński Kaczmarek Kozioł Krawczyk Łapiński Malec Mróz Nowak Pająk Sikora Śliwa Wróbel Zając Żak"
    ),
    "pl",
)
UKRAINIAN = Tongue(
    _words(
        "Ганна Ірина Катерина Леся Марія Оксана Олена Соломія Юлія Андрій Богдан Дмитро Євген Іван Микола Остап Тарас"
    ),
    _words(
        "Бондаренко Гнатюк Коваленко Кравець Лисенко Мельник Олійник Павленко Романюк Сидоренко Ткаченко Шевчук Яремчук"
    ),
    "uk",
)
RUSSIAN = Tongue(
    _words("Алёна Вера Дарья Елена Ксения Мария Надежда Ольга Алексей Глеб Игорь Лев Михаил Пётр Юрий"),
    _words("Гордин Зимовец Клименко Левин Мороз Резник Соловей Тихий Черных Швец Щербак"),
    "ru",
)
FRENCH = Tongue(
    _words(
        "Adèle Camille Chloé Élise Inès Jeanne Léa Manon Margaux Zoé Antoine Benoît Clément Hugo Jules Léo Mathis Rémi Théo"
    ),
    _words(
        "Aubert Beaumont Carpentier Deschamps Fontaine Garnier Girard Lambert Lefèvre Marchand Moreau Perrin Renaud Vasseur"
    ),
)
GERMAN = Tongue(
    _words(
        "Anke Britta Frieda Greta Ines Jana Käthe Lena Mia Nele Ulrike Bastian Emil Felix Jonas Jörg Lukas Moritz Paul Till"
    ),
    _words(
        "Albrecht Baumann Brandt Dietz Engel Förster Gruber Hahn Jäger Köhler Lindner Möller Pohl Sommer Voß Winkler Zöllner"
    ),
)
SPANISH = Tongue(
    _words("Alba Carmen Elena Inés Lucía Marta Nuria Rocío Sofía Álvaro Diego Javier Jorge Mateo Pablo Rubén Tomás"),
    _words("Aguilar Calvo Campos Delgado Fuentes Iglesias León Marín Molina Núñez Ortega Peña Prieto Rojas Vega"),
)
PORTUGUESE = Tongue(
    _words("Ana Beatriz Catarina Inês Joana Leonor Mariana Rita Afonso Duarte Gonçalo João Miguel Rui Tiago"),
    _words("Almeida Azevedo Barros Carvalho Coelho Fonseca Lopes Moura Neves Pinto Ramos Sá Teixeira"),
)
ITALIAN = Tongue(
    _words("Alessia Bianca Chiara Elisa Giulia Ilaria Noemi Sara Andrea Davide Enzo Fabio Luca Matteo Nicolò Pietro"),
    _words("Barbieri Caruso Conti De_Luca Ferri Galli Lombardi Marino Monti Neri Pellegrini Riva Serra Villa"),
)
NORDIC = Tongue(
    _words(
        "Astrid Elin Freja Ingrid Liv Maja Saga Signe Sigrid Tuva Aksel Bjørn Eskil Gustav Håkon Lars Magnus Nils Søren Åke"
    ),
    _words(
        "Andersen Berg Dahl Ekström Forsberg Hagen Holm Lindqvist Lund Nygård Öberg Rasmussen Sandström Solberg Åberg"
    ),
)
FINNISH = Tongue(
    _words("Aino Eeva Helmi Kaisa Maija Päivi Tuuli Antti Eero Juho Mikko Otso Väinö"),
    _words("Aalto Heikkinen Hämäläinen Järvinen Koskinen Laine Mäkelä Niemi Peltonen Salonen Virta"),
)
DUTCH = Tongue(
    _words("Anouk Fleur Hanneke Lotte Maud Roos Saskia Bram Daan Jeroen Pieter Ruben Sander Thijs Wouter"),
    _words(
        "Bakker Brouwer Claes de_Boer de_Vries Dekker Hendriks Jacobs Kuipers Peeters van_Dijk van_Leeuwen Visser Wouters"
    ),
)
GREEK = Tongue(
    _words("Άννα Δήμητρα Ελένη Ιωάννα Μαρία Σοφία Αλέξης Γιώργος Κώστας Νίκος"),
    _words("Αγγελίδης Δημητρίου Καραγιάννης Νικολάου Παππάς Χατζής"),
)
JAPANESE = Tongue(
    _words("Aiko Emi Hana Keiko Mei Yui Daichi Haruto Kenji Ren Sota"),
    _words("Fujita Hayashi Kimura Matsuda Mori Nakano Okada Shimizu Ueda"),
)

# Who lives where, and how likely.
LIVING: dict[str, list[tuple[Tongue, int]]] = {
    "United Kingdom": [
        (ENGLISH, 74), (SOUTH_ASIAN, 9), (WEST_AFRICAN, 4), (POLISH, 5), (UKRAINIAN, 3), (RUSSIAN, 1), (SPANISH, 2), (ITALIAN, 2),
    ],
    "Germany": [(GERMAN, 90), (POLISH, 5), (UKRAINIAN, 3), (RUSSIAN, 2)],
    "France": [(FRENCH, 95), (PORTUGUESE, 5)],
    "Belgium": [(DUTCH, 55), (FRENCH, 45)],
    "Switzerland": [(GERMAN, 60), (FRENCH, 28), (ITALIAN, 12)],
    "Austria": [(GERMAN, 1)],
    "Spain": [(SPANISH, 1)],
    "Portugal": [(PORTUGUESE, 1)],
    "Brazil": [(PORTUGUESE, 1)],
    "Italy": [(ITALIAN, 1)],
    "Finland": [(FINNISH, 1)],
    "Sweden": [(NORDIC, 1)],
    "Norway": [(NORDIC, 1)],
    "Denmark": [(NORDIC, 1)],
    "Iceland": [(NORDIC, 1)],
    "Netherlands": [(DUTCH, 1)],
    "Poland": [(POLISH, 1)],
    "Czech Republic": [(POLISH, 1)],
    "Lithuania": [(POLISH, 60), (RUSSIAN, 40)],
    "Israel": [(RUSSIAN, 60), (ENGLISH, 40)],
    "Greece": [(GREEK, 1)],
    "Cyprus": [(GREEK, 70), (ENGLISH, 30)],
    "Japan": [(JAPANESE, 1)],
}  # fmt: skip
ELSEWHERE = LIVING["United Kingdom"]

# How the data spell a country → how we write it.
COUNTRIES = {
    "EIRE": "Ireland",
    "RSA": "South Africa",
    "USA": "United States",
    "Unspecified": "",
    "European Community": "",
}

TOWNS = {
    "United Kingdom": _words(
        "Bath Belfast Birmingham Bournemouth Brighton Bristol Cambridge Cardiff Carlisle Chester Derby Dundee Durham Edinburgh "
        "Exeter Glasgow Hereford Ipswich Kendal Lancaster Leeds Lincoln Liverpool London London London Ludlow Manchester Norwich "
        "Nottingham Oxford Perth Plymouth Sheffield Shrewsbury Southampton Stirling Swansea Truro Worcester York"
    ),
    "Germany": _words("Berlin Bremen Dresden Hamburg Köln Leipzig München Münster"),
    "France": _words("Bordeaux Lille Lyon Nantes Paris Rennes Toulouse"),
    "Ireland": _words("Cork Dublin Galway Limerick"),
    "Poland": _words("Gdańsk Kraków Łódź Poznań Warszawa Wrocław"),
    "Spain": _words("Bilbao Madrid Sevilla Valencia"),
}

# Numbers kept free for films and books, by country; % is a digit.
PHONES = {
    "United Kingdom": "+44 7700 900%%%",
    "Germany": "+49 30 23125%%%",
    "France": "+33 6 39 98 %% %%",
    "Ireland": "+353 20 91% %%%%",
    "Sweden": "+46 70 174 06 5%",
    "United States": "+1 212 555 01%%",
}
