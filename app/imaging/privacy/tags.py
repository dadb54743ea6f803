"""The EXIF tags that tell of the picture and its maker, by directory; whatever is not listed here does not go out.

A list of what goes, not of what stays behind: cameras invent tags (serial numbers in maker notes, the temperature and
the pressure of the air, the owner's name), and nobody keeps up with them.
"""

from __future__ import annotations

from PIL.ExifTags import Base

# Numbers and short codes.
_CAPTURE = range(0x9201, 0x920B)  # ShutterSpeedValue to FocalLength: APEX values, distance, metering, flash
_SCENE = range(0xA401, 0xA40B)  # CustomRendered to Sharpness: how the camera worked the picture out
_MAIN_NUMBERS = frozenset(
    {
        *(Base.Orientation, Base.XResolution, Base.YResolution, Base.ResolutionUnit, Base.YCbCrPositioning),
        *(Base.WhitePoint, Base.PrimaryChromaticities, Base.YCbCrCoefficients, Base.ReferenceBlackWhite),
        *(0x4746, 0x4749),  # the rating, as Windows writes it: stars, and per cent
    }
)
_PHOTO_NUMBERS = frozenset(
    {
        *(Base.ExposureTime, Base.FNumber, Base.ExposureProgram, Base.ISOSpeedRatings, *range(0x8830, 0x8836)),
        *_CAPTURE,
        *(Base.ExifVersion, Base.ComponentsConfiguration, Base.CompressedBitsPerPixel, Base.FlashPixVersion),
        *(Base.ColorSpace, 0xA002, 0xA003, 0x9214, 0xA214, Base.ExposureIndex),
        *(0xA20E, 0xA20F, 0xA210, Base.SensingMethod, Base.FileSource, Base.SceneType, *_SCENE, 0xA40C),
        *(Base.LensSpecification, Base.Gamma, Base.CompositeImage),
    }
)
_MAIN_WORDS = frozenset(
    {
        *(Base.ImageDescription, Base.Make, Base.Model, Base.Software, Base.DateTime, Base.Artist, Base.Copyright),
        *range(0x9C9B, 0x9CA0),  # title, comment, author, keywords and subject, as Windows writes them in UTF-16
    }
)
_PHOTO_WORDS = frozenset(
    {
        *(Base.DateTimeOriginal, Base.DateTimeDigitized, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292),
        *(Base.LensMake, Base.LensModel, 0xA436, 0xA437, 0xA438),  # EXIF 3.0: title, photographer, editor
    }
)
MAIN, PHOTO, INTEROP, THUMBNAIL = "main", "photo", "interop", "thumbnail"
NUMBERS: dict[str, frozenset[int]] = {
    MAIN: _MAIN_NUMBERS,
    PHOTO: _PHOTO_NUMBERS,
    INTEROP: frozenset({2}),
    THUMBNAIL: frozenset({Base.Compression, Base.Orientation, Base.XResolution, Base.YResolution, Base.ResolutionUnit}),
}
WORDS: dict[str, frozenset[int]] = {
    MAIN: _MAIN_WORDS,
    PHOTO: _PHOTO_WORDS,
    INTEROP: frozenset({1}),
    THUMBNAIL: frozenset(),
}
UTF16 = range(0x9C9B, 0x9CA0)
LONGEST_NUMBER = {MAIN: 48, PHOTO: 48, INTEROP: 4, THUMBNAIL: 8}  # bytes; 48 are six rationals

# What is looked for once more in the finished file.
SERIALS = {
    0xA430: "the owner's name",
    0xA431: "the camera's serial number",
    0xA435: "the lens's serial number",
    0xC62F: "the camera's serial number",
    0xC7D5: "maker notes",
    0xC634: "maker notes",
    0x927C: "maker notes",
    0xA420: "the picture's own number",
    0x9286: "a comment of the camera's",
}
POSITIONS = (2, 4, 20, 22)  # GPSLatitude, GPSLongitude, and those of the destination
