# What a host program builds against: header, both libraries, a pkg-config file and a CMake package.
include(CMakePackageConfigHelpers)

set(SLIDERS_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/sliders)
install(FILES core/include/sliders.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS sliders_shared sliders_static EXPORT sliders LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT sliders FILE slidersTargets.cmake NAMESPACE sliders:: DESTINATION ${SLIDERS_PACKAGE_DIR})

# The pkg-config file finds its folders from where it lies, so an installed tree may be moved.
set(SLIDERS_REQUIRES "jansson libxxhash mpfr zlib liblzma libzip")
file(RELATIVE_PATH SLIDERS_PC_TO_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(core/api/sliders.pc.in ${PROJECT_BINARY_DIR}/sliders.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/sliders.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

configure_package_config_file(core/api/slidersConfig.cmake.in ${PROJECT_BINARY_DIR}/slidersConfig.cmake INSTALL_DESTINATION ${SLIDERS_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/slidersConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/slidersConfig.cmake ${PROJECT_BINARY_DIR}/slidersConfigVersion.cmake DESTINATION ${SLIDERS_PACKAGE_DIR})
