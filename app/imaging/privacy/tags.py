"""The EXIF tags that are kept in a cleaned file, by directory; all others are removed.

Allowed tags are listed rather than private ones, because cameras add new tags: serial numbers in maker notes, air
temperature and pressure, the owner's name.
"""

from __future__ import annotations

from PIL.ExifTags import Base

# Numbers and short codes.
_CAPTURE = range(0x9201, 0x920B)  # ShutterSpeedValue to FocalLength: APEX values, distance, metering, flash
_SCENE = range(0xA401, 0xA40B)  # CustomRendered to Sharpness: processing in the camera
_MAIN_NUMBERS = frozenset(
    {
        *(Base.Orientation, Base.XResolution, Base.YResolution, Base.ResolutionUnit, Base.YCbCrPositioning),
        *(Base.WhitePoint, Base.PrimaryChromaticities, Base.YCbCrCoefficients, Base.ReferenceBlackWhite),
        *(0x4746, 0x4749),  # the rating as Windows writes it: stars, percent
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
_MAIN_TEXTS = frozenset(
    {
        *(Base.ImageDescription, Base.Make, Base.Model, Base.Software, Base.DateTime, Base.Artist, Base.Copyright),
        *range(0x9C9B, 0x9CA0),  # Windows' title, comment, author, keywords and subject, in UTF-16
    }
)
_PHOTO_TEXTS = frozenset(
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
TEXTS: dict[str, frozenset[int]] = {
    MAIN: _MAIN_TEXTS,
    PHOTO: _PHOTO_TEXTS,
    INTEROP: frozenset({1}),
    THUMBNAIL: frozenset(),
}
UTF16 = range(0x9C9B, 0x9CA0)
MAX_NUMBER_BYTES = {MAIN: 48, PHOTO: 48, INTEROP: 4, THUMBNAIL: 8}  # bytes; 48 are six rationals

# Tags that a cleaned file must not contain.
PRIVATE_TAGS = {
    0xA430: "the owner's name",
    0xA431: "the camera's serial number",
    0xA435: "the lens's serial number",
    0xC62F: "the camera's serial number",
    0xC7D5: "maker notes",
    0xC634: "maker notes",
    0x927C: "maker notes",
    0xA420: "the image's unique number",
    0x9286: "a user comment",
}
POSITION_TAGS = (2, 4, 20, 22)  # GPSLatitude, GPSLongitude, and those of the destination
